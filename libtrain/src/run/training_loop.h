#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "golf/train/parallel/communicator.h"
#include "golf/train/run/train.h"
#include "golf/train/trainer/trainer.h"
#include "run/export.h"
#include "run/run_inputs.h"
#include "run/run_output.h"

namespace golf {

/// Training time: runs while steps are taken, stands still while the run validates or saves.
class TrainClock {
 public:
  /// @param counted_ms  milliseconds of training before
  explicit TrainClock(double counted_ms) : counted_ms_(counted_ms) {}

  void resume() { started_ = Clock::now(); }
  void pause() { counted_ms_ = milliseconds(), started_.reset(); }
  /// Milliseconds of training so far.
  double milliseconds() const {
    if (!started_) return counted_ms_;
    return counted_ms_ + std::chrono::duration<double, std::milli>(Clock::now() - *started_).count();
  }

 private:
  using Clock = std::chrono::steady_clock;
  double counted_ms_;
  std::optional<Clock::time_point> started_;
};

/// The parts of a run that train and evaluate: steps, validation, checkpoints, the clock, and what is written
/// about them. Each part ends early when the run is told to stop; then report.stop is set.
class TrainingLoop {
 public:
  /// Borrows everything. @param train_ms  milliseconds that the steps so far took
  TrainingLoop(const RunInputs& inputs, const Communicator& ranks, Trainer& trainer, RunOutput& output,
               double train_ms);

  /// Takes the warm-up steps, whose effect is undone.
  void warm_up();
  /// Trains to the last iteration or the end of the time and saves; or, told to stop, to the end of a step,
  /// and saves. Fills steps, tokens, stopped_by_clock, stop, train_seconds and before. @throws Error
  /// kRunFailed when a loss is not finite, naming the step
  void train(TrainReport& report);
  /// Puts the weights to export into the model; where they are not the last step's, evaluates them anew.
  void load_final_weights(TrainReport& report);
  /// Evaluates what the artifact gave back to the first rank's model, on all ranks.
  void evaluate_packed(TrainReport& report);
  /// With export.adapt: scores the same weights as they learn from what was scored. They change.
  void evaluate_adapted_weights(TrainReport& report);
  /// Whether any rank was told to stop; enters the reason into the report. All ranks call together.
  bool stopped(TrainReport& report) const;

 private:
  struct UnreadStep {
    StepResult result;
    double train_ms;
  };

  EvalResult evaluated();
  EvalResult validate();
  void save();
  int stop_requested() const { return inputs_.job.stop_requested ? inputs_.job.stop_requested() : 0; }
  bool out_of_time(double train_ms) const { return cap_ms() > 0 && train_ms >= cap_ms(); }
  void log_events(const StepResult& result);
  bool should_log(bool last) const;
  void read_losses();
  void project_size(int64_t step);
  void record_size(const std::optional<ProjectedSize>& size);
  void show_progress() const;
  /// Utilization of the GPUs by the run so far; nothing where their peak is not known.
  std::optional<double> mfu(int64_t tokens, double train_ms) const;
  double cap_ms() const { return config_.schedule.cap_ms(); }

  const RunInputs& inputs_;
  const TrainConfig& config_;
  const Communicator& ranks_;
  Trainer& trainer_;
  RunOutput& output_;
  torch::Device device_;
  double operations_per_token_;
  std::optional<double> peak_;  // operations a second of all ranks' GPUs
  TrainClock clock_;
  std::vector<UnreadStep> unread_;  // steps whose losses are still on the device
  double last_loss_ = 0;
  std::optional<SizeProjection> projection_;
  std::string projected_size_;  // for the live line
};

}  // namespace golf
