#include "common/text_table.h"

#include <gtest/gtest.h>

#include <limits>

namespace golf {
namespace {

TEST(WithSeparators, GroupsThousandsExactly) {
  EXPECT_EQ(with_separators(0), "0");
  EXPECT_EQ(with_separators(999), "999");
  EXPECT_EQ(with_separators(1'000), "1,000");
  EXPECT_EQ(with_separators(16'000'000), "16,000,000");
  EXPECT_EQ(with_separators(std::numeric_limits<uint64_t>::max()), "18,446,744,073,709,551,615");
}

TEST(WithSign, ShowsTheSignOfEveryNonZeroValue) {
  EXPECT_EQ(with_sign(0), "0");
  EXPECT_EQ(with_sign(1'234), "+1,234");
  EXPECT_EQ(with_sign(-1'234), "-1,234");
  EXPECT_EQ(with_sign(std::numeric_limits<int64_t>::min()), "-9,223,372,036,854,775,808");
}

TEST(Percent, HasOneDecimalAndNoValueForAnEmptyWhole) {
  EXPECT_EQ(percent(1, 3), "33.3%");
  EXPECT_EQ(percent(3, 3), "100.0%");
  EXPECT_EQ(percent(0, 0), "-");
}

TEST(TextTable, AlignsColumnsByDisplayWidthWithoutTrailingSpaces) {
  TextTable table({{"name", Align::kLeft}, {"bytes"}, {"note", Align::kLeft}});
  table.add({"häuser", "5", "x"});
  table.add_rule();
  table.add({"b", "1,000"});
  EXPECT_EQ(table.render(),
            "name    bytes  note\n"
            "häuser      5  x\n"
            "-------------------\n"
            "b       1,000\n");
}

TEST(TextTable, EscapesControlCharactersInCells) {
  TextTable table({{"name", Align::kLeft}});
  table.add({"evil\x1b[2J"});
  EXPECT_EQ(table.render(), "name\nevil\\x1b[2J\n");
}

}  // namespace
}  // namespace golf
