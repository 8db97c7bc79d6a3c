// Runs that are cut off and go on.
#include <fmt/format.h>

#include <filesystem>
#include <regex>
#include <sstream>
#include <thread>

#include "golf/train/checkpoint/checkpoint_folder.h"
#include "golf/train/checkpoint/training_checkpoint.h"
#include "support/error_matchers.h"
#include "unit/train/rank_threads.h"
#include "unit/train/small_run.h"

namespace golf {
namespace {

constexpr int kSignal = 15;

class Resume : public test::SmallRun {
 protected:
  /// Everything that has a state of its own, changing in the middle of the run.
  Resume() {
    config.training.threads = 1;
    config.schedule.iterations = 8;
    config.schedule.warmdown_iters = 6;
    config.optimizer.muon.momentum_warmup_steps = 6;
    config.optimizer.muon.momentum_dtype = IterationDType::kBFloat16;
    config.optimizer.adam.weight_decay = 0.1;
    config.mtp.heads = 2;
    config.qat = {.method = QatMethod::kFakeQuant, .bits = 4, .matrices = {"blocks."}, .start_fraction = 0.4};
    config.weights.ema.decay = 0.9;
    config.weights.swa = {.enabled = true, .every = 2, .start_lr_below = 0.9};
  }

  TrainJob resumed(const std::string& name) const {
    TrainJob again = job(name);
    again.start = RunStart::kContinue;
    return again;
  }
  /// Asks to stop when it is asked for the `calls`-th time: before the first step, then after each step, then
  /// after the final validation, after the evaluation of the exported average, after packing.
  static std::function<int()> stop_at(int calls) {
    return [calls, asked = std::make_shared<int>(0)] { return ++*asked >= calls ? kSignal : 0; };
  }
  TrainReport cut_off(const std::string& name, int calls) const {
    TrainJob first = job(name);
    first.stop_requested = stop_at(calls);
    return train(config, first);
  }
  CheckpointFolder checkpoints(const std::string& name) const {
    return CheckpointFolder(dir.file(name) + "/checkpoints");
  }

  /// The records of steps and validations, without their times.
  std::vector<std::string> records(const std::string& name) const {
    std::istringstream lines(text(name + "/metrics.jsonl"));
    std::vector<std::string> found;
    for (std::string line; std::getline(lines, line);) {
      Json record = parse_json(line, "metrics");
      const std::string kind = record.at("kind").as_string();
      if (kind != "step" && kind != "validation") continue;
      record["train_ms"] = 0;
      found.push_back(record.dump());
    }
    return found;
  }
  std::string log(const std::string& name) const {
    const std::regex times("train_time.*|eval_time.*|peak memory.*");
    return std::regex_replace(text(name + "/train.log"), times, "");
  }
  void expect_same_run(const std::string& a, const std::string& b) const {
    EXPECT_EQ(records(a), records(b));
    EXPECT_EQ(log(a), log(b));
    for (const char* file : {"/final.safetensors", "/final.golf"}) {
      EXPECT_EQ(read_file(dir.file(a) + file), read_file(dir.file(b) + file)) << file;
    }
  }
};

TEST_F(Resume, TakesTheStepsOfARunThatWasNeverCutOff) {
  train(config, job("whole"));
  EXPECT_FALSE(std::filesystem::exists(dir.file("whole/checkpoints")));
  const int calls = 1 + 8 + 3;
  for (int call = 1; call <= calls; ++call) {
    const std::string name = fmt::format("cut{}", call);
    const TrainReport stopped = cut_off(name, call);
    EXPECT_EQ(stopped.stop, kSignal) << call;
    EXPECT_EQ(stopped.steps, std::min(call - 1, 8)) << call;
    EXPECT_EQ(checkpoints(name).steps(), (std::vector<int64_t>{stopped.steps})) << call;
    EXPECT_FALSE(std::filesystem::exists(dir.file(name + "/submission.json"))) << call;
    const TrainReport report = train(config, resumed(name));
    EXPECT_EQ(report.stop, 0);
    EXPECT_EQ(report.steps, 8);
    expect_same_run("whole", name);
    EXPECT_FALSE(std::filesystem::exists(dir.file(name + "/checkpoints"))) << call;
  }
}

TEST_F(Resume, AddsTheNoiseOfARunThatWasNeverCutOff) {
  config.qat.method = QatMethod::kNoise;
  config.qat.noise_every = 2;
  train(config, job("whole"));
  cut_off("cut", 6);
  train(config, resumed("cut"));
  expect_same_run("whole", "cut");
}

TEST_F(Resume, TakesTheSameStepsThroughLateRecurrenceAndGrowth) {
  config.model.features.set("depth_recurrence", {{"first_block", 1}, {"last_block", 1}, {"loops", 1}});
  config.data.order = DataOrder::kDocuments;
  config.curriculum = {
      .recurrence_start = 0.6, .seq_lens = "4@0.3,8@1", .rewarm_steps = 3, .skipped_batches = 2};
  train(config, job("whole"));
  EXPECT_NE(log("whole").find("layer_loop:enabled step:5 frac:0.625 encoder:[0, 1] decoder:[1, 2]"),
            std::string::npos);
  EXPECT_NE(log("whole").find("train_seq_len:8 step:3 frac:0.375"), std::string::npos);
  for (int call = 3; call <= 9; ++call) {  // after two steps, …, after all
    const std::string name = fmt::format("cut{}", call);
    cut_off(name, call);
    train(config, resumed(name));
    expect_same_run("whole", name);
  }
}

TEST_F(Resume, TakesTheSameStepsOfTheShuffledOrder) {
  config.data.order = DataOrder::kShuffled;
  train(config, job("whole"));
  for (const int call : {2, 5}) {
    const std::string name = fmt::format("cut{}", call);
    cut_off(name, call);
    train(config, resumed(name));
    expect_same_run("whole", name);
  }
}

TEST_F(Resume, StopsAndGoesOnSeveralTimes) {
  train(config, job("whole"));
  cut_off("cut", 3);
  TrainJob second = resumed("cut");
  second.stop_requested = stop_at(3);  // two more steps
  EXPECT_EQ(train(config, second).steps, 4);
  train(config, resumed("cut"));
  expect_same_run("whole", "cut");
}

TEST_F(Resume, WithoutACheckpointBeginsAnew) {
  train(config, job("whole"));
  TrainJob fresh = resumed("fresh");
  train(config, fresh);
  expect_same_run("whole", "fresh");
  EXPECT_GOLF_ERROR(train(config, fresh), ErrorCode::kInvalidArgument, "holds a finished run");
}

TEST_F(Resume, SavesNowAndThenAndForgetsWhatCameAfterTheCheckpointItTakes) {
  train(config, job("whole"));
  config.training.checkpoint_every = 3;
  train(config, job("saving"));
  expect_same_run("whole", "saving");
  EXPECT_EQ(checkpoints("saving").steps(), (std::vector<int64_t>{6, 8}));

  std::filesystem::remove(dir.file("saving/submission.json"));  // as if it had been killed before
  TrainJob earlier = resumed("saving");
  earlier.checkpoint = checkpoints("saving").file(6);
  earlier.stop_requested = stop_at(2);
  EXPECT_EQ(train(config, earlier).steps, 7);
  EXPECT_EQ(checkpoints("saving").steps(), (std::vector<int64_t>{6, 7}));
  train(config, resumed("saving"));
  expect_same_run("whole", "saving");

  TrainJob elsewhere = resumed("elsewhere");
  elsewhere.checkpoint = checkpoints("saving").file(7);
  train(config, elsewhere);
  EXPECT_EQ(read_file(dir.file("elsewhere/final.golf")), read_file(dir.file("whole/final.golf")));
  EXPECT_EQ(records("elsewhere").front(), records("whole")[9]);  // the eighth step, after two validations
}

TEST_F(Resume, ADamagedCheckpointIsRefusedWithTheOneBefore) {
  config.training.checkpoint_every = 3;
  train(config, job("run"));
  std::filesystem::remove(dir.file("run/submission.json"));
  const CheckpointFolder folder = checkpoints("run");
  Bytes bytes = read_file(folder.file(8));
  bytes[bytes.size() / 2] ^= std::byte{4};
  write_file_atomic(folder.file(8), bytes);
  const std::string log_before = text("run/train.log");
  EXPECT_GOLF_ERROR(train(config, resumed("run")), ErrorCode::kCorruptData,
                    "step_000008.safetensors: is damaged");
  EXPECT_GOLF_ERROR(train(config, resumed("run")), ErrorCode::kCorruptData,
                    "--resume --checkpoint " + folder.file(6));
  EXPECT_EQ(text("run/train.log"), log_before);
  EXPECT_EQ(folder.steps(), (std::vector<int64_t>{6, 8}));
  std::filesystem::remove(folder.file(6));
  EXPECT_GOLF_ERROR(train(config, resumed("run")), ErrorCode::kCorruptData, "begin anew with --force");
}

TEST_F(Resume, AnotherConfigurationOrOtherDataAreRefused) {
  cut_off("run", 4);
  TrainConfig other = config;
  other.optimizer.matrix_lr *= 2;
  EXPECT_GOLF_ERROR(
      train(other, resumed("run")), ErrorCode::kMismatch,
      "step_000003.safetensors: the run began with optimizer.matrix_lr = 0.04, this one has 0.08");
  other = config;
  other.training.dtype = "bf16";
  EXPECT_GOLF_ERROR(train(other, resumed("run")), ErrorCode::kMismatch,
                    "matrix products in fp32, this one has bf16");
  write_file_atomic(dir.file("fineweb_train_1.bin"), read_file(dir.file("fineweb_val_0.bin")));
  EXPECT_GOLF_ERROR(train(config, resumed("run")), ErrorCode::kMismatch,
                    "names or sizes of the training shards");
  EXPECT_EQ(checkpoints("run").steps(), (std::vector<int64_t>{3}));
}

TEST_F(Resume, AStateThatDoesNotFitIsRefusedBeforeAnythingIsTouched) {
  cut_off("run", 4);
  const std::string path = checkpoints("run").file(3);
  const TrainingCheckpoint good = parse_training_checkpoint(read_file(path), path);
  const auto expect = [&](const TrainingCheckpoint& bad, const std::string& part) {
    write_file_atomic(path, encode_training_checkpoint(bad));
    EXPECT_GOLF_ERROR(train(config, resumed("run")), ErrorCode::kMismatch, part);
  };
  const auto with = [&](const std::string& name, const Tensor& tensor) {
    TrainingCheckpoint bad = good;
    *bad.tensors.find(name) = tensor;
    return bad;
  };
  expect(with("model.tok_emb.weight", make_tensor(DType::kF32, {16, 32})),
         "expected model.tok_emb.weight Float [32, 16]");
  expect(with("ema.tok_emb.weight", make_tensor(DType::kBF16, {32, 16})),
         "is ema.tok_emb.weight BFloat16 [32, 16]");
  TrainingCheckpoint bad = good;
  bad.tensors.add("extra", make_tensor(DType::kF32, {1}));
  expect(bad, "is extra Float [1], expected nothing");
  bad = good;
  bad.data = {.shard = 1, .offset = 0};
  expect(bad, "data position: shard 1 of 1");
  bad.data = {.shard = 0, .offset = 701};
  expect(bad, "data position 701 of 700");
  EXPECT_EQ(records("run").size(), 1U + 3);  // the validation before the first step, and three steps
}

TEST_F(Resume, TheClockGoesOnFromTheSavedOne) {
  cut_off("run", 5);
  const std::string path = checkpoints("run").file(4);
  TrainingCheckpoint checkpoint = parse_training_checkpoint(read_file(path), path);
  EXPECT_GT(checkpoint.train_ms, 0);
  checkpoint.train_ms = 3'600'000;
  write_file_atomic(path, encode_training_checkpoint(checkpoint));
  config.schedule.max_wallclock_seconds = 3600;
  const TrainReport report = train(config, resumed("run"));
  EXPECT_TRUE(report.stopped_by_clock);
  EXPECT_EQ(report.steps, 4);
  EXPECT_GE(report.train_seconds, 3600);
}

TEST_F(Resume, GoesOnToANewLimit) {
  config.schedule.warmdown_iters = 0;  // the rate does not depend on the limit then
  config.qat.start_fraction = 0;
  train(config, job("whole"));
  cut_off("cut", 4);
  config.schedule.iterations = 5;
  EXPECT_EQ(train(config, resumed("cut")).steps, 5);
  const std::vector<std::string> some = records("cut"), all = records("whole");
  EXPECT_TRUE(std::equal(some.begin(), some.end() - 1, all.begin()));
}

TEST_F(Resume, RefusesStepsAndPlacesThatTheRunCannotComeTo) {
  config.data.order = DataOrder::kShuffled;
  cut_off("run", 4);
  const std::string path = checkpoints("run").file(3);
  const TrainingCheckpoint honest = parse_training_checkpoint(read_file(path), path);
  EXPECT_EQ(honest.data.offset, 6U);
  const auto expect_refused = [&](const TrainingCheckpoint& forged, const std::string& part) {
    write_file_atomic(path, encode_training_checkpoint(forged));
    EXPECT_GOLF_ERROR(train(config, resumed("run")), ErrorCode::kMismatch, part);
  };
  // Going to such a place takes years, one draw after the other.
  TrainingCheckpoint far = honest;
  far.data.offset = uint64_t{1} << 60;
  expect_refused(far,
                 "is at micro-batch 1152921504606846976 of the shuffled order, but 3 steps of 2 come to 6");
  far.finished_steps = int64_t{1} << 59;
  expect_refused(far, "is of step 576460752303423488, but schedule.iterations is 8");
  TrainingCheckpoint late = honest;
  late.finished_steps = 9;
  late.data.offset = 18;
  expect_refused(late, "give --iterations 9 to end the run there, or more");
  write_file_atomic(path, encode_training_checkpoint(honest));
  EXPECT_EQ(train(config, resumed("run")).steps, 8);
}

/// Runs the job as `world` ranks, each a thread. @param calls  when the last rank asks to stop, 0 for never
void train_ranks(const TrainConfig& config, TrainJob job, int64_t world, int calls,
                 const std::function<std::function<int()>(int)>& stop_at) {
  job.launch.master_port = test::free_port();
  std::vector<std::thread> threads;
  for (int64_t rank = 0; rank < world; ++rank) {
    threads.emplace_back([&, rank, job]() mutable {
      job.launch.ranks = {.rank = rank, .world = world};
      job.launch.local_rank = rank;
      job.launch.local_world = world;
      if (calls > 0 && rank + 1 == world) job.stop_requested = stop_at(calls);
      EXPECT_EQ(train(config, job).stop, calls > 0 ? kSignal : 0);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST_F(Resume, SeveralRanksStopTogetherAndGoOn) {
  config.data.grad_accum_steps = 4;
  train_ranks(config, job("whole"), 2, 0, stop_at);
  // Without a time limit what one rank was told is known to all a step later; with one in the same step.
  for (const double seconds : {0.0, 1e6}) {
    config.schedule.max_wallclock_seconds = seconds;
    const std::string name = fmt::format("cut{}", seconds > 0);
    train_ranks(config, job(name), 2, 4, stop_at);
    EXPECT_EQ(checkpoints(name).steps(), (std::vector<int64_t>{seconds > 0 ? 3 : 4}));
    config.schedule.max_wallclock_seconds = 0;
    if (seconds > 0) continue;  // a schedule by the clock is no other's
    train_ranks(config, resumed(name), 2, 0, stop_at);
    expect_same_run("whole", name);
  }
}

TEST_F(Resume, AnotherNumberOfRanksGoesOnWithTheSameLossesButForRounding) {
  config.data.grad_accum_steps = 4;
  config.qat.method = QatMethod::kOff;
  config.optimizer.muon.momentum_dtype = config.optimizer.muon.ns_dtype = IterationDType::kFloat32;
  train_ranks(config, job("whole"), 2, 0, stop_at);
  for (const int64_t world : {1, 4}) {
    const std::string name = fmt::format("cut{}", world);
    train_ranks(config, job(name), 2, 4, stop_at);
    train_ranks(config, resumed(name), world, 0, stop_at);
    const std::vector<std::string> some = records(name), all = records("whole");
    ASSERT_EQ(some.size(), all.size());
    for (size_t i = 0; i < all.size(); ++i) {
      const Json a = parse_json(some[i], "record"), b = parse_json(all[i], "record");
      const char* loss = a.find("train_loss") != nullptr ? "train_loss" : "val_loss";
      EXPECT_NEAR(a.at(loss).as_double(), b.at(loss).as_double(), 1e-5) << world << " ranks, record " << i;
    }
  }
}

}  // namespace
}  // namespace golf
