#include "golf/artifact/budget/budget.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "golf/artifact/base/file.h"
#include "support/error_matchers.h"
#include "support/temp_dir.h"

namespace golf {
namespace {

TEST(Budget, CountsCodeAndReportsTheMargin) {
  const BudgetReport fits{.artifact_bytes = 15'900'000, .code = {{"train.py", 60'000}, {"x.py", 40'000}}};
  EXPECT_EQ(fits.code_bytes(), 100'000U);
  EXPECT_TRUE(fits.fits());
  EXPECT_EQ(fits.margin_bytes(), 0);
  const BudgetReport over{.artifact_bytes = 16'000'001};
  EXPECT_FALSE(over.fits());
  EXPECT_EQ(over.margin_bytes(), -1);
}

TEST(Budget, WarnsBelowTheHeadroomOnly) {
  EXPECT_TRUE((BudgetReport{.artifact_bytes = 15'995'000, .headroom_bytes = 5'001}).low_headroom());
  EXPECT_FALSE((BudgetReport{.artifact_bytes = 15'995'000, .headroom_bytes = 5'000}).low_headroom());
  EXPECT_FALSE((BudgetReport{.artifact_bytes = 17'000'000, .headroom_bytes = 5'000}).low_headroom());
}

TEST(Budget, NamesTheConfusionWithMebibytes) {
  EXPECT_TRUE((BudgetReport{.artifact_bytes = 16'500'000}).over_by_mebibyte_confusion());
  EXPECT_FALSE((BudgetReport{.artifact_bytes = 16'777'217}).over_by_mebibyte_confusion());
  EXPECT_FALSE((BudgetReport{.artifact_bytes = 15'000'000}).over_by_mebibyte_confusion());
  EXPECT_FALSE((BudgetReport{.limit_bytes = 1000, .artifact_bytes = 2000}).over_by_mebibyte_confusion());
}

TEST(ByteCount, ReadsPlainGroupedAndDecimalUnits) {
  EXPECT_EQ(parse_byte_count("0"), 0U);
  for (const char* text : {"16000000", "16_000_000", "16,000,000", "16MB", "16 MB", "16.0MB", "16000kB",
                           "16000KB", "0.016GB", "16000000B"}) {
    EXPECT_EQ(parse_byte_count(text), 16'000'000U) << text;
  }
  EXPECT_EQ(parse_byte_count("15.9MB"), 15'900'000U);
  EXPECT_EQ(parse_byte_count("0.000001MB"), 1U);
  EXPECT_EQ(parse_byte_count("18446744073709551615"), ~0ULL);
}

TEST(ByteCount, RefusesBinaryUnitsWithAHint) {
  const auto refused = [](const char* text, const std::string& hint) {
    EXPECT_GOLF_ERROR(parse_byte_count(text), ErrorCode::kInvalidArgument, hint);
  };
  refused("16MiB", "a MiB is 1048576 bytes, and the budget counts in thousands: give 16MB or a plain number");
  refused("16 MiB", "give 16MB");
  refused("900KiB", "a KiB is 1024 bytes, and the budget counts in thousands: give 900kB");
  refused("1GiB", "give 1GB");
}

TEST(ByteCount, RefusesWhatIsNotACount) {
  for (const char* text :
       {"",     "MB", "-1", "+1",      "1e6",  "16M", "16mb", "16,00,000", "1,0000",  ",100",
        "100,", "1.", ".5", "1.2.3MB", "0x10", " 16", "16 ",  "1,5MB",     "1.5,0MB", "１６"}) {
    EXPECT_GOLF_ERROR(parse_byte_count(text), ErrorCode::kInvalidArgument, "number of bytes expected");
  }
  EXPECT_GOLF_ERROR(parse_byte_count("1.5"), ErrorCode::kInvalidArgument, "not a whole number");
  EXPECT_GOLF_ERROR(parse_byte_count("0.0000001MB"), ErrorCode::kInvalidArgument, "not a whole number");
  EXPECT_GOLF_ERROR(parse_byte_count("18446744073709551616"), ErrorCode::kInvalidArgument, "too large");
  EXPECT_GOLF_ERROR(parse_byte_count("99999999999999GB"), ErrorCode::kInvalidArgument, "too large");
}

TEST(MeasureCode, CountsTheBytesOfEachFile) {
  const test::TempDir dir;
  write_file_atomic(dir.file("a.py"), as_bytes("print('é')\n"));
  const auto files = measure_code({dir.file("a.py")});
  ASSERT_EQ(files.size(), 1U);
  EXPECT_EQ(files[0].bytes, 12U);
  EXPECT_EQ(files[0].path, dir.file("a.py"));
  EXPECT_GOLF_ERROR(measure_code({dir.file("b.py")}), ErrorCode::kInvalidArgument, "b.py");
}

TEST(MeasureCode, CountsTheSourcesOfAFolder) {
  const test::TempDir dir;
  for (const char* folder : {"src", "src/kernels", "src/.git", "src/__pycache__", "empty"}) {
    std::filesystem::create_directory(dir.file(folder));
  }
  write_file_atomic(dir.file("src/train.py"), as_bytes("12345"));
  write_file_atomic(dir.file("src/kernels/a.cu"), as_bytes("123"));
  for (const char* other : {"src/train.log", "src/.git/hook.py", "src/__pycache__/x.py"}) {
    write_file_atomic(dir.file(other), as_bytes("no code of the submission"));
  }
  const auto files = measure_code({dir.file("src")});
  ASSERT_EQ(files.size(), 2U);
  EXPECT_EQ(files[0].path, dir.file("src/kernels/a.cu"));
  EXPECT_EQ(files[1].bytes, 5U);
  EXPECT_GOLF_ERROR(measure_code({dir.file("empty")}), ErrorCode::kInvalidArgument, "a folder without code");
}

TEST(MeasureCode, CountsAFileOnceHoweverOftenItIsNamed) {
  const test::TempDir dir;
  write_file_atomic(dir.file("a.py"), as_bytes("12345"));
  std::filesystem::create_symlink(dir.file("a.py"), dir.file("b.py"));
  const auto files = measure_code({dir.file("a.py"), dir.file("./a.py"), dir.file("b.py"), dir.path()});
  ASSERT_EQ(files.size(), 1U);
  EXPECT_EQ(files[0].bytes, 5U);
  EXPECT_EQ(files[0].given, 5) << "three times by name, and two of the folder's entries are that file";
}

}  // namespace
}  // namespace golf
