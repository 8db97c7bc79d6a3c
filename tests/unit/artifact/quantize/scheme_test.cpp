#include <gtest/gtest.h>

#include "golf/artifact/quantize/scheme_table.h"
#include "support/error_matchers.h"

namespace golf {
namespace {

TEST(Scheme, ReadsNumbersAndOptions) {
  const Scheme plain = parse_scheme("int6-pr192");
  EXPECT_EQ(plain.row, &scheme_row("int6-pr192"));
  EXPECT_FALSE(plain.needs_hessian() || plain.has_tunable_step());
  const Scheme full = parse_scheme("tcq:0.25+gptq+columns+actorder");
  EXPECT_EQ(full.row->encoding, Encoding::kTrellis);
  EXPECT_EQ(full.number, 0.25);
  EXPECT_TRUE(full.feedback && full.column_steps && full.act_order);
  EXPECT_TRUE(parse_scheme("ecsq+columns").has_tunable_step());
  EXPECT_FALSE(full.has_tunable_step());
  EXPECT_EQ(parse_scheme("int6-sd:12.85+gptq").number, 12.85);
}

TEST(Scheme, RefusesWhatMakesNoSense) {
  const auto refuse = [](const std::string& text, const std::string& part) {
    EXPECT_GOLF_ERROR(parse_scheme(text), ErrorCode::kInvalidArgument, part);
  };
  refuse("", "scheme \"\" is not one of: int4");
  refuse("int6+", "scheme \"int6+\": its options are +gptq, +actorder, +columns and +rows");
  refuse("tcq+columns+columns", "an option twice");
  refuse("int6-sd", "it needs a number, as in int6-sd:12.85");
  refuse("int6:3", "it takes no number");
  refuse("fp16:3", "it takes no number");
  refuse("fp16+gptq", "+gptq is for integers");
  refuse("drop+gptq", "+gptq is for integers");
  refuse("tcq+actorder", "+actorder is an option of +gptq");
  refuse("int6+columns", "+columns is for ecsq and tcq");
  for (const char* number : {"ecsq:", "ecsq:0", "ecsq:-1", "ecsq:nan", "ecsq:1e9", "ecsq:0.1x", "ecsq:0,1"}) {
    refuse(number, "a number from 0.0001 to 1000 expected after the colon");
  }
}

}  // namespace
}  // namespace golf
