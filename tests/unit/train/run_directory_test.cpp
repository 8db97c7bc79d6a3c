#include <gtest/gtest.h>

#include <filesystem>

#include "golf/artifact/base/file.h"
#include "golf/train/checkpoint/checkpoint_folder.h"
#include "golf/train/run/run_folder.h"
#include "support/error_matchers.h"
#include "support/temp_dir.h"

namespace golf {
namespace {

void touch(const std::string& path) { write_file_atomic(path, as_bytes("x")); }

TEST(RunDirectory, RefusesAFinishedRunUnlessTold) {
  const test::TempDir dir;
  const std::string path = dir.file("a/run/");
  std::string weights, submission;
  {
    const RunDirectory fresh(path, RunStart::kNew);
    weights = fresh.weights(), submission = fresh.submission();
  }
  touch(weights);
  touch(submission);
  for (const RunStart start : {RunStart::kNew, RunStart::kContinue}) {
    EXPECT_GOLF_ERROR(RunDirectory(path, start), ErrorCode::kInvalidArgument, "holds a finished run");
  }
  EXPECT_TRUE(std::filesystem::exists(weights));
  const RunDirectory again(path, RunStart::kReplace);
  EXPECT_FALSE(std::filesystem::exists(weights));
  EXPECT_FALSE(std::filesystem::exists(submission));
}

/// A folder that a run was cut off in, after it had logged, packed and saved.
std::string cut_off_run(const test::TempDir& dir) {
  const RunDirectory run(dir.file("run"), RunStart::kNew);
  for (const std::string& path :
       {run.log(), run.weights(), run.path() + "/notes.md", run.path() + "/.golf-a1b2c3"}) {
    touch(path);
  }
  CheckpointFolder(run.checkpoints()).write(7, as_bytes("x"), 1);
  return run.path();
}

TEST(RunDirectory, ClearsAnUnfinishedRunButNoFileOfOthers) {
  const test::TempDir dir;
  const std::string path = cut_off_run(dir);
  const RunDirectory second(path, RunStart::kReplace);
  EXPECT_FALSE(std::filesystem::exists(second.log()));
  EXPECT_FALSE(std::filesystem::exists(second.checkpoints()));
  EXPECT_TRUE(std::filesystem::exists(second.path() + "/notes.md"));
}

TEST(RunDirectory, DoesNotThrowCheckpointsAwayUnlessTold) {
  const test::TempDir dir;
  const std::string path = cut_off_run(dir);
  EXPECT_GOLF_ERROR(RunDirectory(path, RunStart::kNew), ErrorCode::kInvalidArgument,
                    "holds a run that was cut off: --resume");
  const RunDirectory second(path, RunStart::kContinue);
  EXPECT_TRUE(std::filesystem::exists(second.log()));
  EXPECT_FALSE(std::filesystem::exists(second.weights()));
  EXPECT_FALSE(std::filesystem::exists(second.path() + "/.golf-a1b2c3"));  // a write that was cut off
  EXPECT_EQ(CheckpointFolder(second.checkpoints()).steps(), (std::vector<int64_t>{7}));
}

TEST(RunDirectory, HoldsOneRunAtATime) {
  const test::TempDir dir;
  {
    const RunDirectory first(dir.file("run"), RunStart::kNew);
    touch(first.log());
    EXPECT_GOLF_ERROR(RunDirectory(dir.file("run"), RunStart::kReplace), ErrorCode::kInvalidArgument,
                      "another process trains there");
    EXPECT_TRUE(std::filesystem::exists(first.log()));
  }
  const RunDirectory second(dir.file("run"), RunStart::kNew);
  EXPECT_FALSE(std::filesystem::exists(second.log()));
}

TEST(RunDirectory, RefusesAFile) {
  const test::TempDir dir;
  touch(dir.file("run"));
  EXPECT_GOLF_ERROR(RunDirectory(dir.file("run"), RunStart::kReplace), ErrorCode::kInvalidArgument,
                    "is not a folder");
}

TEST(RunLog, GoesOnWhereACheckpointHadIt) {
  const test::TempDir dir;
  LogExtent extent;
  {
    RunLog log(dir.file("l"), dir.file("m"));
    log.line("one");
    log.metrics(Json(1));
    extent = log.extent();
    EXPECT_EQ(extent, (LogExtent{.log_bytes = 4, .metrics_bytes = 2}));
    log.line("lost");
    log.metrics(Json(2));
  }
  RunLog log(dir.file("l"), dir.file("m"), {}, extent);
  EXPECT_EQ(log.extent(), extent);
  log.line("two");
  EXPECT_EQ(as_text(read_file(dir.file("l"))), "one\ntwo\n");
  EXPECT_EQ(as_text(read_file(dir.file("m"))), "1\n");
}

TEST(RunLog, OfAnotherFolderGoesOnAfterItsWholeLines) {
  const test::TempDir dir;
  write_file_atomic(dir.file("l"), as_bytes("one\ncut o"));
  RunLog log(dir.file("l"), dir.file("m"), {}, {.log_bytes = 100, .metrics_bytes = 100});
  log.line("two");
  EXPECT_EQ(as_text(read_file(dir.file("l"))), "one\ntwo\n");
  EXPECT_EQ(log.extent(), (LogExtent{.log_bytes = 8, .metrics_bytes = 0}));
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
