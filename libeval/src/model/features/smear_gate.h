#pragma once

#include <torch/nn/module.h>

#include <memory>

#include "golf/artifact/spec/model_config.h"
#include "model/cast_matrix.h"

namespace golf {

/// Mixes into every position the one before it, as it was before the mixing. Nothing stands before the first
/// position of a sequence; a document's border inside one is no border here.
///
///   per channel (PRs 262, 993), on the normed embedding: (1 − g) ⊙ x_t + g ⊙ x_{t−1}, g = σ(gate) [D]
///   per token (PR 192), before the norm:                 x_t + λ · σ(w · x_t) · x_{t−1}
class SmearGate {
 public:
  /// Registers its parameters in `owner`, under the entry's names.
  SmearGate(const ModelConfig& config, torch::nn::Module& owner);

  bool before_norm() const { return variant_ == SmearVariant::kPerToken; }
  torch::Tensor smear(const torch::Tensor& x_BTD, torch::ScalarType compute_dtype) const;

 private:
  SmearVariant variant_;
  torch::Tensor gate_D_;                    // per channel
  torch::Tensor lambda_;                    // per token, [1]
  std::shared_ptr<CastMatrixImpl> weight_;  // per token, [1, D]
};

}  // namespace golf
