#pragma once

#include <torch/types.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "golf/model/decoder.h"
#include "golf/train/data/batch_loader.h"
#include "golf/train/optim/optimizer.h"
#include "golf/train/trainer/train_config.h"

namespace golf {

/// Everything that the steps to come depend on, copied: what warm-up undoes and a checkpoint would hold.
struct TrainerState {
  int64_t finished_steps = 0;
  ShardStream::Position data;
  std::vector<LiveTensor> tensors;  ///< parameters by inventory name, then the optimisers' own
};

/// What one step did. The tensors stay on the device, so that reading them is the caller's choice to wait.
struct StepResult {
  int64_t step = 0;         ///< finished steps, this one included
  torch::Tensor loss;       ///< scalar: mean over this rank's micro-steps, before the update
  torch::Tensor grad_norm;  ///< scalar: L2 over all parameters, before clipping
  double lr_multiplier = 1;
  double muon_momentum = 0;
};

/// Takes optimiser steps: loader → loss → gradients → clipping → optimisers. Knows no clock, log or file.
/// Deterministic on the CPU for one thread count.
class Trainer {
 public:
  /// The model, in train mode and on its device; the loader hands out this rank's tokens.
  Trainer(const TrainConfig& config, Decoder model, BatchLoader loader);

  /// One optimiser step. @param train_ms  milliseconds of training so far, for a schedule by the clock
  StepResult step(double train_ms);

  /// Takes `steps` steps with base rates, nominal momentum and no clipping, so that every buffer and kernel
  /// is in place, then puts everything back as it was, to the bit. `on_step` hears the number of each. Spec
  /// §4.
  void warm_up(int64_t steps, const std::function<void(int64_t)>& on_step = {});

  TrainerState capture() const;
  /// @throws Error kMismatch when the state is of another model or other optimisers
  void restore(const TrainerState& state);

  Decoder& model() { return model_; }
  int64_t finished_steps() const { return finished_steps_; }
  const std::vector<ParameterGroup>& groups() const { return groups_; }
  /// Each group's rate in a step with that multiplier.
  std::vector<double> group_lrs(double lr_multiplier) const;

 private:
  torch::Tensor accumulate_gradients();
  void update(const StepRates& rates);
  std::vector<LiveTensor> live_tensors() const;

  TrainConfig config_;
  Decoder model_;
  BatchLoader loader_;
  torch::Device device_;
  std::vector<LiveTensor> parameters_;
  std::vector<ParameterGroup> groups_;
  std::vector<std::unique_ptr<Optimizer>> optimizers_;
  int64_t finished_steps_ = 0;
};

}  // namespace golf
