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

TEST(Fold, BreaksAtSpacesAndGoesOnBelowTheValue) {
  EXPECT_EQ(fold("short\n", 20), "short\n");
  EXPECT_EQ(fold("one two three four five\n", 12), "one two\nthree four\nfive\n");
  EXPECT_EQ(fold("key  one two three four\nnext\n", 14), "key  one two\n     three\n     four\nnext\n");
  EXPECT_EQ(fold("  level: one two three", 14), "  level: one\n  two three");
  EXPECT_EQ(fold("a_word_that_is_longer_than_that and", 10), "a_word_that_is_longer_than_that\nand");
}

TEST(Fold, LeavesTextAsItIsWithoutAWidth) { EXPECT_EQ(fold("one two three", 0), "one two three"); }

TEST(Fold, CountsNeitherColorsNorBytesOfACharacter) {
  EXPECT_EQ(fold("\x1b[1mäöü\x1b[0m äöü", 7), "\x1b[1mäöü\x1b[0m äöü");
}

TEST(Shortened, KeepsBothEnds) {
  EXPECT_EQ(shortened("blocks.0.attn.c_q.weight", 24), "blocks.0.attn.c_q.weight");
  EXPECT_EQ(shortened("blocks.0.attn.c_q.weight", 15), "blocks.….weight");
  EXPECT_EQ(shortened("häuser", 4), "hä…r");
  EXPECT_EQ(shortened("name", 1), "…");
}

TEST(WholeParts, CutAtACommaAndNeverInsideANumber) {
  EXPECT_EQ(whole_parts("training 12.0%, 131,072 tokens/s", 40), "training 12.0%, 131,072 tokens/s");
  EXPECT_EQ(whole_parts("training 12.0%, 131,072 tokens/s", 22), "training 12.0%");
  EXPECT_EQ(whole_parts("training 12.0%", 12), "training");
}

class NarrowTable : public testing::Test {
 protected:
  NarrowTable()
      : table({{"tensor", Align::kLeft, Fit::kShorten},
               {"why", Align::kLeft, Fit::kWrap},
               {"raw", Align::kRight, Fit::kWhole, 2},
               {"scales", Align::kRight, Fit::kWhole, 1},
               {"bytes"}}) {
    table.add({"blocks.0.attention.projection.weight", "one rule and then another", "1,000", "10", "500"});
    table.add_rule();
    table.add({"total", "", "1,000", "10", "500"});
  }
  TextTable table;
};

TEST_F(NarrowTable, IsWholeWithoutAWidth) {
  EXPECT_EQ(table.render(),
            "tensor                                why                          raw  scales  bytes\n"
            "blocks.0.attention.projection.weight  one rule and then another  1,000      10    500\n"
            "-------------------------------------------------------------------------------------\n"
            "total                                                            1,000      10    500\n");
}

TEST_F(NarrowTable, ShortensNamesAndWrapsTextsFirst) {
  EXPECT_EQ(table.render(Style(false, 70)),
            "tensor                          why                 raw  scales  bytes\n"
            "blocks.0.attent…jection.weight  one rule and      1,000      10    500\n"
            "                                then another\n"
            "----------------------------------------------------------------------\n"
            "total                                             1,000      10    500\n");
}

TEST_F(NarrowTable, LeavesColumnsOutByRankAndNamesThem) {
  EXPECT_EQ(table.render(Style(false, 50)),
            "tensor                     why               bytes\n"
            "blocks.0.att…ction.weight  one rule and        500\n"
            "                           then another\n"
            "--------------------------------------------------\n"
            "total                                          500\n"
            "no room in 50 columns for: raw, scales\n");
}

TEST(TextTable, ShowsTheFigureItIsAboutInBold) {
  TextTable table({{"name", Align::kLeft}, {"score", Align::kRight, Fit::kWhole, 0, /*bold=*/true}});
  table.add({"a", "1.5"});
  EXPECT_EQ(table.render(Style(true)), "\x1b[1mname  score\x1b[0m\na     \x1b[1m  1.5\x1b[0m\n");
}

}  // namespace
}  // namespace golf
