#pragma once

#include "golf/train/optim/optimizer.h"
#include "golf/train/optim/optimizer_config.h"

namespace golf {

/// Adam with decoupled weight decay (AdamW), as torch's fused kernel does it: w ← w · (1 − lr ·
/// weight_decay), then with bias-corrected moments m̂ and v̂, w ← w − lr · m̂ / (√v̂ + eps). Moments have the
/// parameter's dtype. Spec §4; 262 §2.6.
class Adam : public Optimizer {
 public:
  Adam(std::vector<LiveTensor> parameters, double base_lr, const AdamConfig& config);

  /// One bucket that every rank has whole: the moments are small enough to be kept by all.
  std::vector<std::shared_ptr<GradientBucket>> share_out(const Communicator& ranks) override;
  void step(const StepRates& rates) override;
  std::vector<LiveTensor> state() const override;

 private:
  AdamConfig config_;
  std::vector<LiveTensor> parameters_;
  std::vector<torch::Tensor> first_moments_, second_moments_;
  std::vector<torch::Tensor> step_counts_;  // float32 scalars: updates done to each parameter
};

}  // namespace golf
