#pragma once

#include <optional>
#include <string>

#include "golf/train/checkpoint/checkpoint_folder.h"
#include "golf/train/checkpoint/training_checkpoint.h"
#include "golf/train/trainer/trainer.h"

namespace golf {

/// The trainer's part of a checkpoint.
TrainerState trainer_state(TrainingCheckpoint checkpoint);

/// Saves where a run stands. All ranks take part, the first writes.
class CheckpointWriter {
 public:
  /// @param run     what is the same in all checkpoints of the run
  /// @param folder  nothing on a rank that does not write
  CheckpointWriter(TrainingCheckpoint run, std::optional<CheckpointFolder> folder)
      : run_(std::move(run)), folder_(std::move(folder)) {}

  /// Between two steps; a step that has been saved is not saved again. Losses up to here must be in the log.
  /// @throws Error kIo
  void save(const Trainer& trainer, const LogExtent& log, double train_ms);

 private:
  TrainingCheckpoint run_;
  std::optional<CheckpointFolder> folder_;
  int64_t saved_step_ = -1;
};

}  // namespace golf
