#pragma once

#include <torch/nn/module.h>

#include <memory>

#include "golf/artifact/spec/model_config.h"
#include "model/attention.h"
#include "model/cast_matrix.h"
#include "model/layer_state.h"

namespace golf {

/// Two matrices with a squared ReLU between them.
class MlpImpl : public torch::nn::Module {
 public:
  explicit MlpImpl(const ModelConfig& config);
  /// x float32 [B, T, D] → [B, T, D] in the compute dtype.
  torch::Tensor forward(const torch::Tensor& x_BTD, const LayerState& state);

 private:
  std::shared_ptr<CastMatrixImpl> fc_, proj_;
};

/// One layer: mixes the embedding back in, then attention and MLP, each read through a norm and added with a
/// learned scale per channel (spec §3.2).
class BlockImpl : public torch::nn::Module {
 public:
  explicit BlockImpl(const ModelConfig& config);
  torch::Tensor forward(const torch::Tensor& x_BTD, const LayerState& state);

 private:
  torch::Tensor attn_scale_D_, mlp_scale_D_, resid_mix_2D_;
  std::shared_ptr<AttentionImpl> attn_;
  std::shared_ptr<MlpImpl> mlp_;
};

}  // namespace golf
