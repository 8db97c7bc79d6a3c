#pragma once

#include <torch/types.h>

#include <memory>
#include <string>
#include <vector>

#include "golf/train/named_parameter.h"
#include "golf/train/optim/parameter_groups.h"

namespace golf {

class Communicator;
struct GradientBucket;

/// What the schedules say about one step.
struct StepRates {
  double lr_multiplier = 1.0;
  double muon_momentum = 0.95;
  double muon_decay_scale = 1.0;  ///< factor of Muon's weight decay
};

/// Updates the parameters of one group from their gradients. Parameters are leaves whose grad() is set; one
/// without gradient is left as it is.
class Optimizer {
 public:
  explicit Optimizer(double base_lr) : base_lr_(base_lr) {}
  virtual ~Optimizer() = default;
  Optimizer(const Optimizer&) = delete;
  Optimizer& operator=(const Optimizer&) = delete;

  /// For a run of several ranks, once, before the first step: shards the optimizer's state over the ranks
  /// and says how the group's gradients are averaged. From then on step() takes them from these buckets.
  /// Borrows the communicator.
  virtual std::vector<std::shared_ptr<GradientBucket>> shard(const Communicator& ranks) = 0;
  /// One update with rate base_lr · rates.lr_multiplier.
  virtual void step(const StepRates& rates) = 0;
  /// Everything besides the parameters that the next step depends on. Writing into these tensors restores it.
  virtual std::vector<NamedParameter> state() const = 0;
  /// The same, gathered from all ranks, as one process alone has it. What is sharded is copied. All ranks
  /// call together.
  virtual std::vector<NamedParameter> whole_state() const { return state(); }

  double lr(const StepRates& rates) const { return base_lr_ * rates.lr_multiplier; }

 private:
  double base_lr_;
};

/// One optimizer for each group, in the same order, over the parameters of those names.
/// @throws Error kMismatch when a group names a parameter that is not there
std::vector<std::unique_ptr<Optimizer>> make_optimizers(const std::vector<ParameterGroup>& groups,
                                                        const std::vector<NamedParameter>& parameters,
                                                        const MuonConfig& muon);

/// The L2 norm over all elements of all tensors, that of the tensors' own norms, as torch's clip_grad_norm_
/// forms it; a scalar tensor on their device, without waiting for it. In float32 the norm of a million
/// elements may be 1e-4 off the exact one: the submissions' programs clip by what they get that way.
torch::Tensor global_norm(const std::vector<torch::Tensor>& tensors, NormDType dtype = NormDType::kFloat32);

/// Scales the tensors in place by min(1, max_norm / (norm + 1e-6)), as torch's clip_grad_norm_ does.
void clip_to_norm(const std::vector<torch::Tensor>& tensors, const torch::Tensor& norm, double max_norm);

}  // namespace golf
