#pragma once

#include <cstdint>
#include <vector>

#include "golf/train/averaging/averaging_config.h"
#include "golf/train/optim/optimizer.h"

namespace golf {

/// The exponential moving average of some tensors, in float32, without bias correction.
class Ema {
 public:
  /// Starts as the tensors are now. Shares their storage to follow them.
  Ema(const EmaConfig& config, std::vector<LiveTensor> tensors);

  /// After the step that made `finished_steps`.
  void update(int64_t finished_steps);
  /// Overwrites the tensors with their average.
  void load() const;
  std::vector<LiveTensor> state() const;

 private:
  EmaConfig config_;
  std::vector<LiveTensor> tensors_;
  std::vector<torch::Tensor> averages_;
};

}  // namespace golf
