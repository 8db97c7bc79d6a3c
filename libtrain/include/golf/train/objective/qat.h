#pragma once

#include <cstdint>
#include <vector>

#include "golf/train/objective/fake_quant.h"
#include "golf/train/objective/objective_config.h"
#include "golf/train/optim/optimizer.h"

namespace golf {

/// Quantisation-aware training over a run: waits until it is due, then rounds or adds noise.
class Qat {
 public:
  /// @param parameters  the model's and the multi-token heads', whose storage it shares
  /// @throws Error kInvalidArgument when the configuration applies to none of them
  Qat(const QatConfig& config, const std::vector<LiveTensor>& parameters, const Decoder& model,
      uint64_t seed);

  /// Before a step with that multiplier, after `progress` of the run. @return whether it started now
  bool begin_step(double lr_multiplier, double progress);
  /// After the update that made `finished_steps`.
  void end_step(int64_t finished_steps);

  /// To be called when the weights have changed by other means.
  void forget_roundings() { rounding_.forget_roundings(); }

  bool started() const { return started_; }
  void set_started(bool started);
  /// For matrices outside the model.
  WeightHook hook() { return rounding_.hook(); }

 private:
  QatConfig config_;
  uint64_t seed_;
  std::vector<LiveTensor> matrices_;
  FakeQuant rounding_;
  bool started_ = false;
};

}  // namespace golf
