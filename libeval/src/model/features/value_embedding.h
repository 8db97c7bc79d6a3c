#pragma once

#include <torch/nn/module.h>

#include <memory>
#include <vector>

#include "golf/artifact/spec/model_config.h"
#include "model/cast_matrix.h"

namespace golf {

/// A second embedding of each token, shared by a few layers, that they add to their attention values (PR
/// 993): layer_scale · scale · (table row, projected to the values' width when it is narrower).
class ValueEmbedding {
 public:
  /// Registers its parameters in `owner`, under the entry's names.
  ValueEmbedding(const ModelConfig& config, torch::nn::Module& owner);

  /// What the layers share: float32 [B, T, G·K] for G key/value heads of dimension K.
  torch::Tensor shared(const torch::Tensor& ids_BT, torch::ScalarType compute_dtype) const;
  /// The part of `layer`, or an undefined tensor for a layer without one.
  torch::Tensor for_layer(int64_t layer, const torch::Tensor& shared) const;

 private:
  std::vector<int64_t> layers_;
  torch::Tensor scale_;
  std::shared_ptr<CastMatrixImpl> embed_, proj_;  // proj_ null when embed_ is as wide as the values
  std::vector<torch::Tensor> layer_scales_;       // one [1] each
};

}  // namespace golf
