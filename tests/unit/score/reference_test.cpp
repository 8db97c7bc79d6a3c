#include <gtest/gtest.h>

#include "golf/artifact/base/json.h"
#include "golf/artifact/formats/token_shard.h"
#include "golf/artifact/text/token_bytes.h"
#include "golf/artifact/text/tokenizer.h"
#include "support/reference_data.h"

namespace golf {
namespace {

TEST(TokenBytes, AgreeWithTheTablesOfTheReference) {
  GOLF_NEED_REFERENCE_DATA();
  const Json golden = read_json_file(test::reference_data() + "/common/luts.json");
  const std::string model = test::reference_data() + "/fineweb/fineweb_1024_bpe.model";
  const TokenBytes table = read_tokenizer(model, 1024).bytes;
  ASSERT_EQ(table.size(), 1024);
  for (size_t id = 0; id < 1024; ++id) {
    EXPECT_EQ(table.base_bytes[id], golden.at("base_bytes").as_array()[id].as_int()) << id;
    const auto flag = [&](const char* name) {
      const Json& value = golden.at(name).as_array()[id];
      return value.is_bool() ? value.as_bool() : value.as_int() != 0;
    };
    EXPECT_EQ(table.has_leading_space[id] != 0, flag("has_leading_space")) << id;
    EXPECT_EQ(table.is_boundary[id] != 0, flag("is_boundary")) << id;
  }
}

TEST(TokenBytes, CountTheBytesOfTheDevelopmentShardAsTheReferenceDoes) {
  GOLF_NEED_REFERENCE_DATA();
  const std::string folder = test::reference_data() + "/fineweb/";
  const TokenBytes table = read_tokenizer(folder + "fineweb_1024_bpe.model", 0).bytes;
  const auto shard = read_token_shard(folder + "fineweb_val_000000.bin", table.size());
  EXPECT_EQ(count_bytes(table, shard), 315'949);  // eval_dev.json
  EXPECT_EQ(count_bytes(table, std::span(shard).first(16'385)), 39'767);
}

}  // namespace
}  // namespace golf
