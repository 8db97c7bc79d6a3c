#pragma once

#include <optional>

#include "golf/train/run/log_lines.h"
#include "golf/train/run/run_folder.h"
#include "golf/train/run/train.h"
#include "run/checkpoints.h"
#include "run/run_inputs.h"
#include "run/run_records.h"

namespace golf {

/// What a run writes: its folder, its two logs, its checkpoints. Only the first rank writes; on the others
/// every call does nothing.
class RunOutput {
 public:
  /// Opens the folder, cut back to where the run continues.
  /// @param from            checkpoint that the run continues from
  /// @param finished_steps  of that checkpoint, 0 without one
  RunOutput(const RunInputs& inputs, TrainingCheckpoint identity, bool writes,
            const std::optional<ResumePoint>& from, int64_t finished_steps);

  /// Writes the lines that come before the first step; for a run that continues, that it does.
  void begin(const RunEnvironment& environment, const log_lines::RunFacts& facts);
  /// Whether the log had no lines before begin(): a new run, or a continued one in a new folder.
  bool is_new() const { return new_; }

  void line(const std::string& text) { log_.line(text); }
  void metrics(const Json& record) { log_.metrics(record); }
  /// Saves the trainer's state. All ranks call together.
  void save(const Trainer& trainer, double train_ms) { checkpoints_->save(trainer, log_.extent(), train_ms); }
  /// Writes the final weights and their artifact. Of the first rank only, the model then holds what the
  /// artifact gives back.
  void pack(Decoder& model, TrainReport& report);
  /// Writes eval.json and submission.json and removes the checkpoint that only guarded the end of the run.
  void finish(const TrainReport& report, const RunEnvironment& environment);

 private:
  const RunInputs& inputs_;
  std::optional<int64_t> resumed_step_;
  std::optional<RunDirectory> directory_;
  std::optional<CheckpointFolder> folder_;
  RunLog log_;
  std::optional<CheckpointWriter> checkpoints_;
  bool new_ = false;
};

}  // namespace golf
