#pragma once

#include <optional>
#include <vector>

#include "golf/eval/runtime.h"
#include "golf/train/run/run_log.h"
#include "golf/train/run/train.h"
#include "golf/train/run/train_clock.h"
#include "golf/train/trainer/trainer.h"
#include "run/checkpoint_writer.h"
#include "run/run_inputs.h"
#include "run/size_projection.h"

namespace golf {

/// The timed part of a run: steps, validation, checkpoints, the clock, and what is written about them.
class TrainingRun {
 public:
  /// Borrows everything. @param clock  with the milliseconds that the steps so far took
  TrainingRun(const TrainConfig& config, const TrainJob& job, const RunInputs& inputs,
              const Communicator& ranks, Trainer& trainer, RunLog& log, CheckpointWriter& checkpoints,
              const TrainClock& clock);

  /// Trains to the last iteration or the end of the time and saves; or, told to stop, to the end of a step,
  /// and saves. Fills steps, tokens, stopped_by_clock, stop, train_seconds and before. @throws Error
  /// kRunFailed when a loss is not finite, naming the step
  void run(TrainReport& report);
  /// Puts the weights to export into the model; where they are not the last step's, evaluates them anew.
  void load_final_weights(TrainReport& report);
  /// Evaluates what the artifact gave back to the first rank's model, on all ranks.
  void evaluate_packed(TrainReport& report);
  /// What stop_requested() gives on any rank. All ranks call together.
  int stop_agreed() const;

 private:
  struct Pending {
    StepResult result;
    double train_ms;
  };

  EvalResult evaluated();
  EvalResult validate();
  void save();
  int stop_requested() const { return job_.stop_requested ? job_.stop_requested() : 0; }
  bool out_of_time(double train_ms) const { return cap_ms() > 0 && train_ms >= cap_ms(); }
  void log_events(const StepResult& result);
  bool should_log(bool last) const;
  void flush();
  void project_size(int64_t step);
  void record_size(const std::optional<ProjectedSize>& size);
  void show_progress() const;
  /// Utilisation of the GPUs by the run so far; nothing where their peak is not known.
  std::optional<double> mfu(int64_t tokens, double train_ms) const;
  double cap_ms() const { return 1000.0 * config_.schedule.max_wallclock_seconds; }

  const TrainConfig& config_;
  const TrainJob& job_;
  const RunInputs& inputs_;
  const Communicator& ranks_;
  Trainer& trainer_;
  RunLog& log_;
  CheckpointWriter& checkpoints_;
  torch::Device device_;
  double operations_per_token_;
  std::optional<double> peak_;  // operations a second of all ranks' GPUs
  TrainClock clock_;
  std::vector<Pending> pending_;  // steps whose losses have not been read from the device
  double last_loss_ = 0;
  std::optional<SizeProjection> projection_;
  std::string projected_size_;  // for the live line
};

}  // namespace golf
