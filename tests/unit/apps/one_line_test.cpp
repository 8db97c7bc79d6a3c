#include <gtest/gtest.h>

#include "common/run_main.h"

namespace golf {
namespace {

TEST(OneLine, KeepsPrintableUtf8) { EXPECT_EQ(one_line("é ≠ 漢 😀", 100), "é ≠ 漢 😀"); }

TEST(OneLine, EscapesControlCharactersOfEveryKind) {
  EXPECT_EQ(one_line("a\nb\tc\x7f", 100), "a\\x0ab\\x09c\\x7f");
  EXPECT_EQ(one_line("\xc2\x9b", 100), "\\xc2\\x9b");
}

TEST(OneLine, EscapesBytesThatAreNotUtf8) {
  EXPECT_EQ(one_line("\xff|\xc0\xaf|\xed\xa0\x80|\xe2\x82", 100),
            "\\xff|\\xc0\\xaf|\\xed\\xa0\\x80|\\xe2\\x82");
}

TEST(OneLine, CutsLongTextWithinTheLimit) {
  const std::string line = one_line(std::string(10'000, 'x'), 64);
  EXPECT_LE(line.size(), 64U);
  EXPECT_TRUE(line.ends_with("…"));
}

TEST(RunMain, MapsWhatIsThrownToTheExitStatus) {
  const auto status = [](const auto& thrower) {
    return run_main("test", [&]() -> ExitCode {
      thrower();
      return ExitCode::kDone;
    });
  };
  testing::internal::CaptureStderr();
  EXPECT_EQ(status([] {}), 0);
  EXPECT_EQ(status([] { throw UsageError("bad option"); }), 2);
  EXPECT_EQ(status([] { fail(ErrorCode::kInvalidArgument, "no such file"); }), 3);
  EXPECT_EQ(status([] { fail(ErrorCode::kCorruptData, "damaged"); }), 3);
  EXPECT_EQ(status([] { fail(ErrorCode::kUnsupported, "unknown"); }), 3);
  EXPECT_EQ(status([] { fail(ErrorCode::kMismatch, "other model"); }), 3);
  EXPECT_EQ(status([] { fail(ErrorCode::kIo, "disk full"); }), 4);
  EXPECT_EQ(status([] { throw std::bad_alloc(); }), 4);
  EXPECT_EQ(testing::internal::GetCapturedStderr(),
            "test: bad option\ntest: no such file\ntest: damaged\ntest: unknown\ntest: other model\n"
            "test: disk full\ntest: out of memory\n");
}

}  // namespace
}  // namespace golf
