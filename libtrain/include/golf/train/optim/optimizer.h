#pragma once

#include <torch/types.h>

#include <memory>
#include <string>
#include <vector>

#include "golf/train/optim/live_tensor.h"
#include "golf/train/optim/parameter_groups.h"

namespace golf {

class Communicator;
struct GradientBucket;

/// What the schedules say about one step.
struct StepRates {
  double lr_multiplier = 1.0;
  double muon_momentum = 0.95;
};

/// Updates the parameters of one group from their gradients. Parameters are leaves whose grad() is set; one
/// without gradient is left as it is.
class Optimizer {
 public:
  explicit Optimizer(double base_lr) : base_lr_(base_lr) {}
  virtual ~Optimizer() = default;
  Optimizer(const Optimizer&) = delete;
  Optimizer& operator=(const Optimizer&) = delete;

  /// For a run of several ranks, once, before the first step: how this group's gradients are to be averaged.
  /// From then on step() takes them from these buckets. Borrows the communicator.
  virtual std::vector<std::shared_ptr<GradientBucket>> share_out(const Communicator& ranks) = 0;
  /// One update with rate base_lr · rates.lr_multiplier.
  virtual void step(const StepRates& rates) = 0;
  /// Everything besides the parameters that the next step depends on. Writing into these tensors restores it.
  virtual std::vector<LiveTensor> state() const = 0;
  /// The same of all ranks, whole on each of them, as one process alone has it; of what they share out these
  /// are copies. All ranks call together.
  virtual std::vector<LiveTensor> whole_state() const { return state(); }

  double lr(const StepRates& rates) const { return base_lr_ * rates.lr_multiplier; }

 private:
  double base_lr_;
};

/// One optimiser for each group, in the same order, over the parameters of those names.
/// @throws Error kMismatch when a group names a parameter that is not there
std::vector<std::unique_ptr<Optimizer>> make_optimizers(const std::vector<ParameterGroup>& groups,
                                                        const std::vector<LiveTensor>& parameters,
                                                        const MuonConfig& muon);

}  // namespace golf
