#pragma once

#include "golf/train/parallel/communicator.h"

namespace golf {

/// What all ranks go by alike after a step.
struct StepVerdict {
  double train_ms = 0;  ///< milliseconds of training so far
  int stop = 0;         ///< why to stop, 0 to go on
};

/// Makes the ranks agree once a step, without waiting for a device. Where the schedule goes by the clock they
/// wait for each other's; else a rank goes by its own clock, and by what the others said after the step
/// before, which has arrived by then.
class StepAgreement {
 public:
  /// Borrows the communicator.
  StepAgreement(const Communicator& ranks, bool by_clock) : ranks_(ranks), by_clock_(by_clock) {}

  /// @param own  of this rank. @return the largest of the ranks' clocks and reasons
  StepVerdict after_step(const StepVerdict& own);
  /// After the last step: waits for what is still under way.
  void finish();

 private:
  void say(const StepVerdict& own);
  StepVerdict heard();

  const Communicator& ranks_;
  bool by_clock_;
  torch::Tensor values_;  // float64 [2], being exchanged
  Pending pending_;       // its wait is empty when nothing is under way
};

}  // namespace golf
