#pragma once

#include <optional>
#include <string>

#include "golf/train/checkpoint/training_checkpoint.h"
#include "golf/train/run/train.h"

namespace golf {

/// What a run continues from.
struct ResumePoint {
  std::string path;
  std::string digest;
  TrainingCheckpoint checkpoint;
};

/// Reads the checkpoint that the job names, else the newest in its folder; nothing when the job begins anew
/// or there is none.
/// @param dtype, shards  of this run, as in TrainingCheckpoint
/// @throws Error naming the file: it is damaged (and which one came before it), or of a run with another
/// configuration, dtype or data
std::optional<ResumePoint> read_resume_point(const TrainConfig& config, const TrainJob& job,
                                             const std::string& dtype, const std::string& shards);

}  // namespace golf
