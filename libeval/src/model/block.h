#pragma once

#include <torch/nn/module.h>

#include <memory>

#include "golf/artifact/spec/model_config.h"
#include "model/attention.h"
#include "model/cast_matrix.h"
#include "model/layer_state.h"

namespace golf {

/// Two matrices with a squared ReLU, or leaky ReLU, between them.
class MlpImpl : public torch::nn::Module {
 public:
  explicit MlpImpl(const ModelConfig& config);
  /// x float32 [B, T, D] → [B, T, D] in the compute dtype.
  torch::Tensor forward(const torch::Tensor& x_BTD, const LayerState& state);

 private:
  MlpActivation activation_;
  std::shared_ptr<CastMatrixImpl> fc_, proj_;
};

/// One layer: mixes the embedding back in, then attention and MLP, each read through a norm and added with a
/// learned scale per channel (spec §3.2). With layer_scale, layer i reads its norms times 1/√(i+1).
class BlockImpl : public torch::nn::Module {
 public:
  BlockImpl(const ModelConfig& config, int64_t layer);
  torch::Tensor forward(const torch::Tensor& x_BTD, const LayerState& state);

 private:
  torch::Tensor scaled(const torch::Tensor& normed_BTD) const;

  double norm_scale_;
  torch::Tensor attn_scale_D_, mlp_scale_D_, resid_mix_2D_;
  std::shared_ptr<AttentionImpl> attn_;
  std::shared_ptr<MlpImpl> mlp_;
};

}  // namespace golf
