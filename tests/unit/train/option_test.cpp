#include "golf/train/option/option.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "golf/artifact/base/file.h"
#include "golf/train/config/train_config.h"
#include "support/error_matchers.h"
#include "support/reference_data.h"

namespace golf {

/// A made-up section: one line an option.
struct LookaheadConfig {
  int64_t steps = 5;
  double weight = 0.5;
};
void declare(OptionVisitor& visit, LookaheadConfig& config) {
  visit.field("steps", config.steps,
              {.meaning = "steps ahead", .low = 1, .high = 100, .on_resume = OnResume::kMayChange});
  visit.field("weight", config.weight, {.meaning = "of them", .low = 0, .high = 1, .variables = {"LOOK_W"}});
}

namespace {

TEST(Option, IsReadWrittenCheckedAndListedFromOneLine) {
  LookaheadConfig config = from_json<LookaheadConfig>(parse_json(R"({"steps": 7})", "t"), "t");
  EXPECT_EQ(config.steps, 7);
  EXPECT_EQ(to_json(config).dump(), R"({"steps":7,"weight":0.5})");

  OptionVisitor check;
  config.weight = 2;
  EXPECT_GOLF_ERROR(declare(check, config), ErrorCode::kInvalidArgument, "weight: 2 is not between 0 and 1");

  std::vector<OptionRow> rows;
  OptionVisitor list(rows);
  std::optional<LookaheadConfig> absent;
  list.section("lookahead", absent);
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].key, "lookahead.steps");
  EXPECT_EQ(rows[0].type, OptionType::kInteger);
  EXPECT_EQ(rows[0].default_value.dump(), "5");
  EXPECT_EQ(rows[0].option.on_resume, OnResume::kMayChange);
  EXPECT_EQ(rows[1].type, OptionType::kNumber);
  EXPECT_STREQ(rows[1].option.variables.at(0), "LOOK_W");
}

/// The part of docs/TRAINING.md that follows from the declarations.
std::string expected_document() {
  std::string text, variables, section = "none";
  for (const OptionRow& row : train_options()) {
    for (const char* variable : row.option.variables) {
      variables += fmt::format("| `{}` | `{}` |\n", variable, row.key);
    }
    if (row.option.meaning[0] == '\0') continue;  // the model's section, the evaluation's
    std::string shown = row.key;
    if (constexpr std::string_view kGroups = "optimizer.groups."; shown.starts_with(kGroups)) {
      if (!shown.starts_with("optimizer.groups.embedding.")) continue;  // all groups have the same options
      shown = "optimizer.groups.GROUP" + shown.substr(shown.rfind('.'));
    }
    const size_t point = shown.rfind('.');
    const std::string of = point == std::string::npos ? "" : shown.substr(0, point);
    if (of != section) {
      section = of;
      if (!of.empty()) text += fmt::format("\n### {}\n", of);
      text += "\n| option | default | meaning |\n|---|---|---|\n";
    }
    text += fmt::format("| `{}` | `{}` | {}{} |\n", shown.substr(point + 1), row.default_value.dump(),
                        row.choices.empty() ? "" : row.choices + ": ", row.option.meaning);
  }
  return text + "\n### Environment variables of the submissions\n\n| variable | option |\n|---|---|\n" +
         variables;
}

TEST(Option, TheDocumentListsEachAsItIsDeclared) {
  const std::string document(as_text(read_file(test::source_file("docs/TRAINING.md"))));
  const std::string begin = "<!-- options: held equal to the declarations by option_test -->\n",
                    end = "\n<!-- options end -->";
  const size_t from = document.find(begin), to = document.find(end);
  ASSERT_NE(from, std::string::npos);
  ASSERT_NE(to, std::string::npos);
  EXPECT_EQ(document.substr(from + begin.size(), to + 1 - from - begin.size()), expected_document());
}

}  // namespace
}  // namespace golf
