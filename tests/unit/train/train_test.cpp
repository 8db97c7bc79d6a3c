// Whole runs: from a configuration to the evaluated artifact.
#include "golf/train/run/train.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <sstream>

#include "golf/artifact/base/file.h"
#include "golf/artifact/container/artifact.h"
#include "golf/artifact/container/file_kind.h"
#include "support/error_matchers.h"
#include "unit/train/small_run.h"

namespace golf {
namespace {

using TrainRun = test::SmallRun;

TEST_F(TrainRun, LeavesEverythingThatWasPromised) {
  const TrainReport report = train(config, job("run"));
  EXPECT_EQ(report.steps, 6);
  EXPECT_EQ(report.tokens, 6 * 64);
  EXPECT_FALSE(report.stopped_by_clock);
  EXPECT_EQ(report.before.tokens, 96);  // 101 tokens: six whole sequences of 16 and a target
  EXPECT_NEAR(report.after.val_loss, report.before.val_loss, 0.05);
  EXPECT_EQ(report.budget.artifact_bytes, read_file(dir.file("run/final.golf")).size());
  EXPECT_EQ(report.budget.code_bytes(), read_file(dir.file("t.model")).size());

  EXPECT_EQ(from_json<TrainConfig>(read_json_file(dir.file("run/config.json")), "config"), config);
  const LoadedModel weights = load_model(dir.file("run/final.safetensors"), std::nullopt);
  EXPECT_EQ(weights.spec, config.spec());
  const Json evaluation = read_json_file(dir.file("run/eval.json"));
  EXPECT_EQ(evaluation.at("results").as_array().at(0).at("val_bpb").as_double(), report.before.val_bpb);
  EXPECT_EQ(evaluation.at("roundtrip").at("results").as_array().at(0).at("val_bpb").as_double(),
            report.after.val_bpb);
  const Json submission = read_json_file(dir.file("run/submission.json"));
  EXPECT_EQ(submission.at("bytes_total").as_uint(), report.budget.total_bytes());
  EXPECT_EQ(submission.at("val_bpb").as_double(), report.after.val_bpb);

  const std::string log = text("run/train.log");
  for (const char* line :
       {"warmup_step:1/1\n", "step:0/6 val_loss:", "step:1/6 train_loss:", "step:4/6 val_loss:",
        "step:6/6 train_loss:", "step:6/6 val_loss:", "peak memory allocated: ",
        "Total submission size int8+zlib: ", "final_int8_zlib_roundtrip_exact val_loss:"}) {
    EXPECT_NE(log.find(line), std::string::npos) << line;
  }
}

TEST_F(TrainRun, MetricsTellTheConfigurationFirstThenEveryStep) {
  train(config, job("run"));
  std::istringstream lines(text("run/metrics.jsonl"));
  std::vector<Json> records;
  for (std::string line; std::getline(lines, line);) records.push_back(parse_json(line, "metrics"));
  ASSERT_EQ(records.size(), 1U + 6 + 3);
  EXPECT_EQ(from_json<TrainConfig>(records[0].at("config"), "metrics"), config);
  EXPECT_EQ(records[1].at("kind").as_string(), "validation");
  EXPECT_EQ(records[2].at("kind").as_string(), "step");
  EXPECT_EQ(records[2].at("lrs").at("matrices").as_double(), config.optimizer.matrix_lr);
  EXPECT_EQ(records[8].at("tokens").as_int(), 6 * 64);
}

TEST_F(TrainRun, TwoRunsLeaveTheSameBytes) {
  train(config, job("a"));
  train(config, job("b"));
  EXPECT_EQ(read_file(dir.file("a/final.safetensors")), read_file(dir.file("b/final.safetensors")));
  EXPECT_EQ(read_file(dir.file("a/final.golf")), read_file(dir.file("b/final.golf")));
}

TEST_F(TrainRun, StartsFromGivenWeightsAndWritesPtz) {
  train(config, job("first"));
  config.schedule.iterations = 0;
  config.export_.format = "ptz";
  TrainJob second = job("second");
  second.init = dir.file("first/final.safetensors");
  train(config, second);
  EXPECT_EQ(read_file(dir.file("first/final.safetensors")), read_file(dir.file("second/final.safetensors")));
  EXPECT_TRUE(is_artifact(identify(read_file(dir.file("second/final.ptz")))));
}

TEST_F(TrainRun, StopsWhenTheTimeIsUp) {
  config.schedule.max_wallclock_seconds = 1e-6;
  const TrainReport report = train(config, job("run"));
  EXPECT_EQ(report.steps, 1);
  EXPECT_TRUE(report.stopped_by_clock);
  EXPECT_NE(text("run/train.log").find("stopping_early: wallclock_cap"), std::string::npos);
}

TEST_F(TrainRun, SaysThatAnArtifactIsEvaluatedWithLoopsThatNeverBegan) {
  config.model.features.set("depth_recurrence", {{"first_block", 1}, {"last_block", 1}, {"loops", 1}});
  const std::string line = "layer_loop:never enabled, the run ended before 1.000 of it";
  train(config, job("looped"));
  EXPECT_EQ(text("looped/train.log").find(line), std::string::npos);
  config.curriculum.recurrence_start = 1;
  train(config, job("never"));
  EXPECT_NE(text("never/train.log").find(line), std::string::npos);
}

TEST_F(TrainRun, ALossThatIsNotFiniteNamesTheStep) {
  config.optimizer.adam.eps = 0;  // 0/0 for the gains, which have no gradient while the projections are zero
  EXPECT_GOLF_ERROR(train(config, job("run")), ErrorCode::kRunFailed,
                    "step 2: the training loss is not finite");
  EXPECT_FALSE(std::filesystem::exists(dir.file("run/submission.json")));
}

TEST_F(TrainRun, NoticesWhatIsWrongBeforeTheFirstStepAndLeavesNothing) {
  const auto expect = [&](const TrainConfig& wrong, const TrainJob& with, ErrorCode code,
                          const std::string& part) {
    EXPECT_GOLF_ERROR(train(wrong, with), code, part);
    EXPECT_FALSE(std::filesystem::exists(with.run_dir)) << part;
  };
  TrainConfig wrong = config;
  wrong.export_.recipe = "baseline-int9";
  expect(wrong, job("run"), ErrorCode::kInvalidArgument, "baseline-int8");
  wrong = config;
  wrong.export_.codec = "zip:9";
  expect(wrong, job("run"), ErrorCode::kInvalidArgument, "export.codec");
  wrong = config;
  wrong.model.vocab_size = 30;
  expect(wrong, job("run"), ErrorCode::kMismatch, "t.model: 32 pieces, but model.vocab_size is 30");
  wrong = config;
  wrong.eval.seq_len = 101;
  expect(wrong, job("run"), ErrorCode::kMismatch, "101 tokens are less than one sequence");
  TrainJob elsewhere = job("run");
  elsewhere.data_dir = dir.file("nowhere");
  expect(config, elsewhere, ErrorCode::kInvalidArgument, "nowhere: no such folder");
  TrainJob with_init = job("run");
  with_init.init = dir.file("missing.safetensors");
  expect(config, with_init, ErrorCode::kInvalidArgument, "missing.safetensors");
}

}  // namespace
}  // namespace golf
