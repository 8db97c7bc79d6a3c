#pragma once

#include <torch/nn/module.h>

#include <memory>

#include "golf/artifact/spec/model_config.h"
#include "model/cast_matrix.h"
#include "model/layer_state.h"

namespace golf {

/// Causal self-attention with grouped key/value heads; queries and keys are normed and rotated, and every
/// query head has a learned gain (spec §3.2). A layer may add to the values (ValueEmbedding) or be exclusive.
class AttentionImpl : public torch::nn::Module {
 public:
  AttentionImpl(const ModelConfig& config, int64_t layer);
  /// x float32 [B, T, D] → [B, T, D] in the compute dtype.
  torch::Tensor forward(const torch::Tensor& x_BTD, const LayerState& state);

 private:
  int64_t num_heads_, num_kv_heads_, head_dim_;
  bool exclusive_;
  torch::Tensor q_gain_H_;
  std::shared_ptr<CastMatrixImpl> c_q_, c_k_, c_v_, proj_;
};

}  // namespace golf
