#pragma once

#include <cstdint>
#include <string>

#include "golf/artifact/base/bytes.h"
#include "golf/artifact/tensor/tensor_set.h"
#include "golf/train/config/train_config.h"
#include "golf/train/curriculum/curriculum.h"
#include "golf/train/data/data_position.h"

namespace golf {

/// Lengths of the two logs of a run (run/run_log.h).
struct LogExtent {
  uint64_t log_bytes = 0;
  uint64_t metrics_bytes = 0;

  bool operator==(const LogExtent&) const = default;
};

/// The state of a run between two steps: everything that the steps to come depend on. It has no state of a
/// random generator, because every draw of a run depends on its seed and the step alone.
struct TrainingCheckpoint {
  std::string version;  ///< of the tool that wrote it
  TrainConfig config;
  std::string dtype;           ///< of matrix products: "fp32" or "bf16"
  std::string shards;          ///< shards_digest() of the training shards
  int64_t finished_steps = 0;  ///< so far
  double train_ms = 0;         ///< milliseconds of training so far
  DataPosition data = {};      ///< of the next token
  bool qat_started = false;    ///< whether quantization-aware training is under way
  CurriculumState curriculum = {};
  LogExtent log = {};      ///< how much of the run's logs is about these steps
  TensorSet tensors = {};  ///< parameters, optimizer state, averages, each in its own dtype
};

/// A safetensors file: the tensors, everything else as JSON in the metadata, and as its last tensor "sha256"
/// 64 hexadecimal digits, the SHA-256 of all bytes before them.
Bytes encode_training_checkpoint(TrainingCheckpoint checkpoint);
/// @throws Error kCorruptData (the digest is not that of the bytes, or a rule of docs/INPUTS.md is broken),
/// kUnsupported (another kind or version of file)
TrainingCheckpoint parse_training_checkpoint(ByteView bytes, const std::string& what);

/// The digest at the end of a checkpoint: tells two of them apart.
std::string checkpoint_digest(ByteView bytes);

/// Refuses to continue a run under another configuration. Options that are declared OnResume::kMayChange may
/// differ: those that its steps do not depend on, and its limits, schedule.iterations and
/// schedule.max_wallclock_seconds, whose new values hold for the steps to come.
/// @throws Error kMismatch naming the first key that differs, and both values
void require_resumable(const TrainConfig& saved, const TrainConfig& now);

}  // namespace golf
