#pragma once

#include <torch/types.h>

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
/// has the fixed step 1/M. Source: 192 §1.5, 262 §2.5; spec §5 Q8 for 88.
torch::Tensor rounded_per_row(const torch::Tensor& weight, int64_t bits, double clip_quantile);

/// The matrices, by name, that `config` means among the model's and the multi-token heads'.
/// @throws Error kInvalidArgument when there is none and the method is not off
std::vector<std::string> qat_matrices(const QatConfig& config, const std::vector<LiveTensor>& parameters);

/// Fake quantisation with a straight-through estimator: w + stop_gradient(rounded(w) − w), so that the model
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

  /// Installs the hook in the model. Until then the model knows nothing of it.
  void start();
  void stop();
  /// To be called when the weights have changed: roundings are computed once until then.
  void forget_roundings() { differences_.clear(); }
  /// The hook for a matrix outside the model; empty when not started.
  WeightHook hook();

 private:
  torch::Tensor quantised(const std::string& name, const torch::Tensor& weight);

  QatConfig config_;
  Decoder model_;
  std::vector<std::string> matrices_;  // sorted
  bool started_ = false;
  std::map<std::string, torch::Tensor> differences_;  // rounded(w) − w
};

}  // namespace golf
