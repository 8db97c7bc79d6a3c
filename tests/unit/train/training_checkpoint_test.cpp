#include "golf/train/checkpoint/training_checkpoint.h"

#include <gtest/gtest.h>

#include "golf/artifact/base/checksum.h"
#include "golf/artifact/formats/safetensors.h"
#include "golf/train/config/train_config.h"
#include "support/error_matchers.h"
#include "unit/train/train_preset.h"

namespace golf {
namespace {

TrainingCheckpoint sample() {
  TrainingCheckpoint checkpoint{.version = "test",
                                .config = test::train_preset("pr993-tiny"),
                                .dtype = "fp32",
                                .shards = "0123456789abcdef",
                                .finished_steps = 7,
                                .train_ms = 1234.5678901234567,
                                .data = {.shard = 1, .offset = 99},
                                .qat_started = true,
                                .curriculum = {.recurrence = false, .seq_len = 512, .seq_len_step = 5},
                                .log = {.log_bytes = 10, .metrics_bytes = 20}};
  checkpoint.tensors.add("model.a", from_f32(std::vector<float>{1, -2, 3e-39F}, DType::kF32, {3, 1}));
  checkpoint.tensors.add("optimizer.b", from_f32(std::vector<float>{0.5, 8}, DType::kBF16, {2}));
  checkpoint.tensors.add("swa.snapshots", make_tensor<int64_t>(DType::kI64, {}, std::vector<int64_t>{3}));
  return checkpoint;
}

/// The bytes with a digest that fits them.
Bytes sealed(Bytes bytes) {
  const std::string digest = sha256_hex(ByteView(bytes).first(bytes.size() - 64));
  std::ranges::copy(as_bytes(digest), bytes.end() - 64);
  return bytes;
}

Bytes with_metadata(const std::map<std::string, std::string>& metadata) {
  TensorSet tensors;
  tensors.add("sha256", make_tensor(DType::kU8, {64}));
  return sealed(encode_safetensors(tensors, metadata));
}

TEST(TrainingCheckpoint, ComesBackToTheBit) {
  const TrainingCheckpoint saved = sample();
  const Bytes bytes = encode_training_checkpoint(saved);
  const TrainingCheckpoint read = parse_training_checkpoint(bytes, "c");
  EXPECT_EQ(read.version, saved.version);
  EXPECT_EQ(read.config, saved.config);
  EXPECT_EQ(read.dtype, saved.dtype);
  EXPECT_EQ(read.shards, saved.shards);
  EXPECT_EQ(read.finished_steps, saved.finished_steps);
  EXPECT_EQ(read.train_ms, saved.train_ms);
  EXPECT_EQ(read.data, saved.data);
  EXPECT_EQ(read.qat_started, saved.qat_started);
  EXPECT_EQ(read.curriculum, saved.curriculum);
  EXPECT_EQ(read.log, saved.log);
  ASSERT_EQ(read.tensors.size(), saved.tensors.size());
  for (const auto& [name, tensor] : saved.tensors) EXPECT_EQ(read.tensors.at(name), tensor) << name;
  EXPECT_EQ(encode_training_checkpoint(read), bytes);
  EXPECT_EQ(checkpoint_digest(bytes), sha256_hex(ByteView(bytes).first(bytes.size() - 64)));
}

TEST(TrainingCheckpoint, RefusesEveryTruncatedPrefixAndExtraBytes) {
  Bytes bytes = encode_training_checkpoint(sample());
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_GOLF_ERROR(parse_training_checkpoint(ByteView(bytes).first(size), "c"), ErrorCode::kCorruptData,
                      "c: is damaged");
  }
  bytes.push_back(std::byte{0});
  EXPECT_GOLF_ERROR(parse_training_checkpoint(bytes, "c"), ErrorCode::kCorruptData, "c: is damaged");
}

TEST(TrainingCheckpoint, RefusesEveryFlippedByte) {
  const Bytes bytes = encode_training_checkpoint(sample());
  for (size_t i = 0; i < bytes.size(); ++i) {
    Bytes flipped = bytes;
    flipped[i] ^= std::byte{1} << (i % 8);
    EXPECT_GOLF_ERROR(parse_training_checkpoint(flipped, "c"), ErrorCode::kCorruptData, "c: is damaged");
  }
}

TEST(TrainingCheckpoint, RefusesFilesOfOtherKindsAndVersions) {
  EXPECT_GOLF_ERROR(parse_training_checkpoint(with_metadata({}), "c"), ErrorCode::kUnsupported,
                    "no checkpoint of golf-train");
  EXPECT_GOLF_ERROR(parse_training_checkpoint(with_metadata({{"golf.training", "{"}}), "c"),
                    ErrorCode::kCorruptData, "c: metadata \"golf.training\"");
  EXPECT_GOLF_ERROR(parse_training_checkpoint(
                        with_metadata({{"golf.training", R"({"schema": "golf.checkpoint/2"})"}}), "c"),
                    ErrorCode::kUnsupported, "this version reads golf.checkpoint/1");
  EXPECT_GOLF_ERROR(
      parse_training_checkpoint(with_metadata({{"golf.training", R"({"finished_steps": -1})"}}), "c"),
      ErrorCode::kCorruptData, "-1 steps");
  EXPECT_GOLF_ERROR(
      parse_training_checkpoint(
          with_metadata({{"golf.training", R"({"finished_steps": 3, "curriculum": {"seq_len_step": 4}})"}}),
          "c"),
      ErrorCode::kCorruptData, "a length of 0 since step 4 of 3");
  EXPECT_GOLF_ERROR(parse_training_checkpoint(with_metadata({{"golf.training", R"({"step": 1})"}}), "c"),
                    ErrorCode::kInvalidArgument, "unknown key \"step\"");
}

TEST(ResumeRules, AnotherRunIsRefusedByTheKeyThatDiffers) {
  const TrainConfig saved = test::train_preset("pr993-tiny");
  TrainConfig now = saved;
  require_resumable(saved, now);
  now.optimizer.muon.momentum = 0.5;
  EXPECT_GOLF_ERROR(require_resumable(saved, now), ErrorCode::kMismatch,
                    "the run began with optimizer.muon.momentum = 0.99, this one has 0.5");
  now = saved;
  now.model.features.remove("smear_gate");
  EXPECT_GOLF_ERROR(require_resumable(saved, now), ErrorCode::kMismatch,
                    "model.smear_gate.variant = \"per_channel\", this one has null");
  EXPECT_GOLF_ERROR(require_resumable(now, saved), ErrorCode::kMismatch,
                    "model.smear_gate.variant = null, this one has \"per_channel\"");
  now = saved;
  now.training.seed = 7;
  EXPECT_GOLF_ERROR(require_resumable(saved, now), ErrorCode::kMismatch, "training.seed");
}

TEST(ResumeRules, LimitsAndWhatTheStepsDoNotDependOnMayDiffer) {
  const TrainConfig saved = test::train_preset("pr993-tiny");
  TrainConfig now = saved;
  now.name = "longer";
  now.schedule.iterations += 10;
  now.schedule.max_wallclock_seconds += 10;
  now.training.val_every = now.training.log_every = now.training.checkpoint_every = 3;
  now.training.threads = 2;
  now.eval.stride = 7;
  now.export_.codec = "zlib:1";
  now.weights.final_ = FinalWeights::kLive;
  EXPECT_NO_THROW(require_resumable(saved, now));
}

}  // namespace
}  // namespace golf
