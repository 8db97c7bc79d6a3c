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
  Ema(const EmaConfig& config, std::vector<NamedParameter> tensors);

  /// After the step that made `finished_steps`.
  void update(int64_t finished_steps);
  /// Overwrites the tensors with their average.
  void load() const;
  std::vector<NamedParameter> state() const;

 private:
  EmaConfig config_;
  std::vector<NamedParameter> tensors_;
  std::vector<torch::Tensor> averages_;
};

/// The mean of snapshots of some tensors, summed in their own dtype.
class Swa {
 public:
  /// Shares the tensors' storage to follow them.
  Swa(const SwaConfig& config, std::vector<NamedParameter> tensors);

  /// After the step that made `finished_steps`: takes a snapshot when one is due.
  /// @return whether it took one
  bool update(int64_t finished_steps, double lr_multiplier);
  int64_t snapshots() const;
  /// Overwrites the tensors with the mean of the snapshots, of which there must be one at least.
  void load() const;
  std::vector<NamedParameter> state() const;

 private:
  SwaConfig config_;
  std::vector<NamedParameter> tensors_;
  std::vector<torch::Tensor> sums_;
  torch::Tensor count_;  // int64 scalar on the CPU; a tensor so that it is part of the state
};

}  // namespace golf
