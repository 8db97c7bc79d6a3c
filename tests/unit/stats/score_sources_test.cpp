#include "golf/stats/score_sources.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "golf/artifact/base/file.h"
#include "support/error_matchers.h"
#include "support/temp_dir.h"

namespace golf {
namespace {

class ScoreSources : public testing::Test {
 protected:
  std::string write(const std::string& name, const std::string& text) {
    write_file_atomic(dir_.file(name), as_bytes(text));
    return dir_.file(name);
  }
  static ScoreSource read(const std::string& argument, const std::string& mode = {}) {
    return read_score_source(argument, /*numbers_are_nats=*/false, mode);
  }
  test::TempDir dir_;
};

TEST_F(ScoreSources, AreNumbersAndSummaries) {
  EXPECT_EQ(read("1.0611").scores.at(0).bpb, 1.0611);
  EXPECT_EQ(read_score_source("1.95", true, "").scores.at(0).loss, 1.95);
  const ScoreSource summary = read("1.06:0.0007:3");
  EXPECT_TRUE(summary.scores.empty());
  EXPECT_EQ(summary.summary->count, 3);
  EXPECT_EQ(summary.summary->deviation, 0.0007);
  EXPECT_GOLF_ERROR(read("1.06:0.0007:2.5"), ErrorCode::kInvalidArgument, "number of runs");
  EXPECT_GOLF_ERROR(read("1.06:-1:2"), ErrorCode::kInvalidArgument, "not below 0");
}

TEST_F(ScoreSources, AreResultsOfTheTools) {
  const std::string eval = write("eval.json", R"({"schema": "golf.eval/1", "results": [
      {"mode": "standard", "val_loss": 2.0, "val_bpb": 1.25}, {"mode": "sliding", "val_loss": 1.9, "val_bpb": 1.2}]})");
  EXPECT_EQ(read(eval, "sliding").scores.at(0).bpb, 1.2);
  EXPECT_GOLF_ERROR(read(eval), ErrorCode::kInvalidArgument, "has 2 results: say which one with --mode");
  EXPECT_GOLF_ERROR(read(eval, "documents"), ErrorCode::kInvalidArgument, "holds no score");
  const std::string audit =
      write("audit.json", R"({"schema": "golf.audit/1", "result": {"val_loss": 2.0, "val_bpb": 1.25}})");
  EXPECT_EQ(read(audit).scores.at(0).loss, 2.0);
  const std::string train = write("train.json", R"({"schema": "golf.train/1",
      "results": [{"mode": "standard", "val_bpb": 1.2}], "roundtrip": {"results": [{"mode": "standard", "val_bpb": 1.3}]}})");
  EXPECT_EQ(read(train).scores.at(0).bpb, 1.3);
}

TEST_F(ScoreSources, AreSubmissionsAndLogs) {
  const std::string record = write("submission.json", R"({"val_bpb": 1.23,
      "seed_results": {"42": {"val_bpb": 1.25, "val_loss": 2.1}, "7": {"val_bpb": 1.24}}})");
  const ScoreSource seeds = read(record);
  ASSERT_EQ(seeds.scores.size(), 2U);
  EXPECT_EQ(seeds.scores[0].seed, 42);
  EXPECT_EQ(seeds.scores[0].loss, 2.1);
  EXPECT_EQ(seeds.scores[1].bpb, 1.24);
  EXPECT_EQ(read(write("one.json", R"({"val_bpb": "1.23"})")).scores.at(0).bpb, 1.23);

  const std::string log =
      "seed:42\nstep:5/5 train_loss:2.0 train_time:500ms step_avg:100.00ms\n"
      "final_int8_zlib_roundtrip_exact val_loss:2.10000000 val_bpb:1.25000000\n";
  const ScoreSource run = read(write("train.log", log));
  EXPECT_EQ(run.scores.at(0).bpb, 1.25);
  EXPECT_EQ(run.scores.at(0).seed, 42);
  EXPECT_TRUE(run.scores[0].source.ends_with("train.log:3"));
  // Of a folder the logs count.
  std::filesystem::remove(dir_.file("one.json"));
  const ScoreSource folder = read(dir_.path());
  ASSERT_EQ(folder.scores.size(), 1U);
  EXPECT_EQ(folder.scores[0].loss, 2.1);
  std::filesystem::remove(dir_.file("train.log"));
  EXPECT_EQ(read(dir_.path()).scores.size(), 2U);
}

TEST_F(ScoreSources, RefusesWhatHoldsNoScore) {
  EXPECT_GOLF_ERROR(read(write("empty.txt", "")), ErrorCode::kInvalidArgument, "holds no score");
  EXPECT_GOLF_ERROR(read(write("bad.json", "{\"a\": 1,}")), ErrorCode::kCorruptData, "bad.json");
  EXPECT_GOLF_ERROR(read(write("null.json", "{\"val_bpb\": null}")), ErrorCode::kInvalidArgument,
                    "holds no score");
  EXPECT_GOLF_ERROR(read(dir_.file("missing")), ErrorCode::kInvalidArgument, "missing");
}

}  // namespace
}  // namespace golf
