#include "golf/artifact/base/text.h"

#include <gtest/gtest.h>

namespace golf {
namespace {

TEST(Printable, KeepsPrintableUtf8) { EXPECT_EQ(printable("é ≠ 漢 😀", 100), "é ≠ 漢 😀"); }

TEST(Printable, EscapesControlCharactersOfEveryKind) {
  EXPECT_EQ(printable("a\nb\tc\x7f", 100), "a\\x0ab\\x09c\\x7f");
  EXPECT_EQ(printable("\xc2\x9b", 100), "\\xc2\\x9b");
}

TEST(Printable, EscapesBytesThatAreNotUtf8) {
  EXPECT_EQ(printable("\xff|\xc0\xaf|\xed\xa0\x80|\xe2\x82", 100),
            "\\xff|\\xc0\\xaf|\\xed\\xa0\\x80|\\xe2\\x82");
}

TEST(Printable, CutsLongTextWithinTheLimit) {
  const std::string line = printable(std::string(10'000, 'x'), 64);
  EXPECT_LE(line.size(), 64U);
  EXPECT_TRUE(line.ends_with("…"));
}

TEST(Printable, KeepsTextThatJustFits) {
  EXPECT_EQ(printable("12345678", 8), "12345678");
  EXPECT_EQ(printable("123456789", 8), "12345…");
  EXPECT_EQ(printable("1234\n", 8), "1234\\x0a");
  EXPECT_EQ(printable("12345\n", 8), "12345…");
}

}  // namespace
}  // namespace golf
