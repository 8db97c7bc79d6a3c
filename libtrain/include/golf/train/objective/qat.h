#pragma once

#include <torch/types.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "golf/model/decoder.h"
#include "golf/train/objective/objective_config.h"
#include "golf/train/optim/optimizer.h"

namespace golf {

/// What `weight` [rows, columns] becomes when each row is rounded to codes in ±M, M = 2^(bits−1) − 1:
///
///   c = the clip_quantile of |row| (its maximum for 1);  s = max(c / M, 1 / M);  s · clamp(round(w / s), ±M)
///
/// with rounding half to even and the scale in float32. Because of the floor on s, a row whose c is below 1
/// has the fixed step 1/M. Source: docs/SUBMISSIONS.md, PR 88, PR 192 and PR 262, Training.
torch::Tensor rounded_per_row(const torch::Tensor& weight, int64_t bits, double clip_quantile);

/// The matrices, by name, that `config` means among the model's and the multi-token heads'.
/// @throws Error kInvalidArgument when there is none and the method is not off
std::vector<std::string> qat_matrices(const QatConfig& config, const std::vector<NamedParameter>& parameters);

/// Fake quantization with a straight-through estimator: w + stop_gradient(rounded(w) − w), so that the model
/// computes with rounded matrices and the gradient reaches w unchanged. In train mode only: evaluation sees
/// the weights themselves.
class FakeQuant {
 public:
  /// @param matrices  by name
  FakeQuant(const QatConfig& config, std::vector<std::string> matrices, Decoder model);
  ~FakeQuant();
  FakeQuant(const FakeQuant&) = delete;
  FakeQuant& operator=(const FakeQuant&) = delete;

  bool applies_to(const std::string& name) const;

  /// Installs the hook in the model.
  void start();
  void stop();
  /// Drops the cached roundings. To be called when the weights have changed.
  void invalidate() { differences_.clear(); }
  /// The hook for a matrix outside the model; empty when not started.
  WeightHook hook();

 private:
  torch::Tensor quantized(const std::string& name, const torch::Tensor& weight);

  QatConfig config_;
  Decoder model_;
  std::vector<std::string> matrices_;  // sorted
  bool started_ = false;
  std::map<std::string, torch::Tensor> differences_;  // rounded(w) − w
};

/// Adds uniform noise to each row of `weight` [rows, columns], for good: in ±width/2 quantization steps of
/// max |row| / (2^(bits−1) − 1). The draws depend on the seed alone, whatever the device.
/// Source: docs/SUBMISSIONS.md, PR 1046, Training.
void add_rounding_noise(torch::Tensor weight, int64_t bits, double width, uint64_t seed);

/// Quantization-aware training over a run: waits until it is due, then rounds or adds noise.
class Qat {
 public:
  /// @param parameters  the model's and the multi-token heads', whose storage it shares
  /// @throws Error kInvalidArgument when the configuration applies to none of them
  Qat(const QatConfig& config, const std::vector<NamedParameter>& parameters, const Decoder& model,
      uint64_t seed);

  /// Before a step with that multiplier, after `progress` of the run. @return whether it started now
  bool begin_step(double lr_multiplier, double progress);
  /// After the update that made `finished_steps`.
  void end_step(int64_t finished_steps);

  /// Drops the cached roundings. To be called when the weights have changed by other means.
  void invalidate() { rounding_.invalidate(); }

  bool started() const { return started_; }
  void set_started(bool started);
  /// The hook for matrices outside the model.
  WeightHook hook() { return rounding_.hook(); }

 private:
  QatConfig config_;
  uint64_t seed_;
  std::vector<NamedParameter> matrices_;
  FakeQuant rounding_;
  bool started_ = false;
};

}  // namespace golf
