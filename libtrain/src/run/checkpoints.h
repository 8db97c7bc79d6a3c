#pragma once

#include <optional>
#include <string>

#include "golf/train/checkpoint/checkpoint_folder.h"
#include "golf/train/checkpoint/training_checkpoint.h"
#include "golf/train/trainer/trainer.h"
#include "run/run_inputs.h"

namespace golf {

/// The checkpoint that a run continues from.
struct ResumePoint {
  std::string path;
  std::string digest;
  TrainingCheckpoint checkpoint;
};

/// Reads the checkpoint that the job names, else the newest in its folder; nothing when the job does not
/// continue a run or there is no checkpoint.
/// @param identity  of this run: what all its checkpoints have in common
/// @throws Error naming the file: it is damaged (and which one came before it), or of a run with another
/// configuration, dtype or data
std::optional<ResumePoint> read_resume_point(const RunInputs& inputs, const TrainingCheckpoint& identity);

/// The trainer's part of a checkpoint, whose tensors are moved out of it.
TrainerState take_trainer_state(TrainingCheckpoint& checkpoint);

/// Writes the checkpoints of a run. All ranks take part, the first writes.
class CheckpointWriter {
 public:
  /// @param identity  what all checkpoints of the run have in common
  /// @param folder    nothing on a rank that does not write
  CheckpointWriter(TrainingCheckpoint identity, std::optional<CheckpointFolder> folder)
      : identity_(std::move(identity)), folder_(std::move(folder)) {}

  /// Between two steps; a step that has been saved is not saved again. Losses up to here must be in the log.
  /// @throws Error kIo
  void save(const Trainer& trainer, const LogExtent& log, double train_ms);

 private:
  TrainingCheckpoint identity_;
  std::optional<CheckpointFolder> folder_;
  int64_t saved_step_ = -1;
};

}  // namespace golf
