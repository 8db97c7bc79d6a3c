#include "golf/train/trainer/run_directory.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "golf/artifact/base/file.h"
#include "golf/train/trainer/run_log.h"
#include "support/error_matchers.h"
#include "support/temp_dir.h"

namespace golf {
namespace {

void touch(const std::string& path) { write_file_atomic(path, as_bytes("x")); }

TEST(RunDirectory, RefusesAFinishedRunUnlessTold) {
  const test::TempDir dir;
  const std::string path = dir.file("a/run/");
  const RunDirectory fresh(path, false);
  touch(fresh.weights());
  touch(fresh.submission());
  EXPECT_GOLF_ERROR(RunDirectory(path, false), ErrorCode::kInvalidArgument, "holds a finished run");
  EXPECT_TRUE(std::filesystem::exists(fresh.weights()));
  const RunDirectory again(path, true);
  EXPECT_FALSE(std::filesystem::exists(again.weights()));
  EXPECT_FALSE(std::filesystem::exists(again.submission()));
}

TEST(RunDirectory, ClearsAnUnfinishedRunButNoFileOfOthers) {
  const test::TempDir dir;
  const RunDirectory first(dir.file("run"), false);
  touch(first.log());
  touch(first.path() + "/notes.md");
  const RunDirectory second(dir.file("run"), false);
  EXPECT_FALSE(std::filesystem::exists(second.log()));
  EXPECT_TRUE(std::filesystem::exists(second.path() + "/notes.md"));
}

TEST(RunDirectory, RefusesAFile) {
  const test::TempDir dir;
  touch(dir.file("run"));
  EXPECT_GOLF_ERROR(RunDirectory(dir.file("run"), true), ErrorCode::kInvalidArgument, "is not a folder");
}

TEST(RunLog, LinesAreReadableAsTheyComeAndHeard) {
  const test::TempDir dir;
  std::vector<std::string> heard;
  RunLog log(dir.file("l"), dir.file("m"), [&](const std::string& line) { heard.push_back(line); });
  log.line("one");
  log.line("two");
  log.metrics(Json::object({{"step", 1}}));
  EXPECT_EQ(as_text(read_file(dir.file("l"))), "one\ntwo\n");
  EXPECT_EQ(as_text(read_file(dir.file("m"))), "{\"step\":1}\n");
  EXPECT_EQ(heard, (std::vector<std::string>{"one", "two"}));
  EXPECT_GOLF_ERROR(RunLog(dir.file("no/such"), dir.file("m")), ErrorCode::kIo, "no/such: cannot be written");
}

}  // namespace
}  // namespace golf
