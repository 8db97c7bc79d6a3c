#pragma once

#include "golf/train/optim/optimizer.h"
#include "golf/train/trainer/train_config.h"

namespace golf {

/// Adam without weight decay, as torch's fused kernel does it: with bias-corrected moments m̂ and v̂,
/// w ← w − lr · m̂ / (√v̂ + eps). Moments have the parameter's dtype. Spec §4.
class Adam : public Optimizer {
 public:
  Adam(std::vector<LiveTensor> parameters, double base_lr, const AdamConfig& config);

  void step(const StepRates& rates) override;
  std::vector<LiveTensor> state() const override;

 private:
  AdamConfig config_;
  std::vector<LiveTensor> parameters_;
  std::vector<torch::Tensor> first_moments_, second_moments_;
  std::vector<torch::Tensor> step_counts_;  // float32 scalars: updates done to each parameter
};

}  // namespace golf
