#pragma once

#include <torch/types.h>

#include "golf/artifact/spec/layer_plan.h"
#include "golf/artifact/spec/model_config.h"
#include "model/attention.h"
#include "model/casted_linear.h"
#include "model/pass.h"

namespace golf {

/// Two matrices with a squared ReLU, or leaky ReLU, between them.
class Mlp {
 public:
  Mlp(const ModelConfig& config, int64_t block, ParameterStore& parameters);
  /// x float32 [B, T, D] → [B, T, D] in the compute dtype.
  torch::Tensor forward(const torch::Tensor& x_BTD, const Pass& pass) const;

 private:
  MlpActivation activation_;
  CastedLinear fc_, proj_;
};

/// One block: mixes the embedding back in, then attention and MLP, each read through a norm and added with a
/// learned scale per channel. With layer_scale, block i reads its norms times 1/√(i+1). The layout of a call
/// says what the MLP reads and where both results go (LaneLayout).
/// Source: docs/SUBMISSIONS.md, upstream reference, Model.
class Block {
 public:
  Block(const ModelConfig& config, int64_t block, const FeatureList& features, ParameterStore& parameters);
  Stream forward(const Stream& stream, LaneLayout layout, const Pass& pass) const;

 private:
  Stream serial(const Stream& stream, const Pass& pass) const;
  Stream parallel(const Stream& stream, const Pass& pass) const;
  Stream two_lanes(const Stream& stream, const Pass& pass) const;
  torch::Tensor scaled(const torch::Tensor& normed_BTD) const;

  int64_t block_;
  double norm_scale_;
  const FeatureList& features_;
  torch::Tensor attn_scale_D_, mlp_scale_D_, resid_mix_2D_;
  Attention attn_;
  Mlp mlp_;
};

}  // namespace golf
