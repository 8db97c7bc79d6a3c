#pragma once

#include <torch/types.h>

#include "golf/artifact/spec/layer_plan.h"
#include "golf/artifact/spec/model_config.h"
#include "model/feature.h"
#include "model/parameter_store.h"

namespace golf {

/// Causal self-attention with grouped key/value heads; queries and keys are normed and rotated, and every
/// query head has a learned gain. Features may change the values and the result.
/// Source: docs/SUBMISSIONS.md, upstream reference, Model.
class Attention {
 public:
  Attention(const ModelConfig& config, int64_t block, const FeatureList& features,
            ParameterStore& parameters);
  /// x [B, T, D], float32 or in the compute dtype → [B, S, D] in the compute dtype, of the positions that the
  /// call keeps.
  torch::Tensor forward(const torch::Tensor& x_BTD, const Pass& pass) const;

 private:
  /// What the features make of the heads after attention.
  torch::Tensor finished(const AttentionInput& input, torch::Tensor y_BTHK) const;

  int64_t block_, num_heads_, num_kv_heads_, head_dim_;
  const FeatureList& features_;
  torch::Tensor q_gain_H_;
  CastedLinear c_q_, c_k_, c_v_, proj_;
};

/// Two matrices with a squared ReLU, or leaky ReLU, between them.
class Mlp {
 public:
  Mlp(const ModelConfig& config, int64_t block, ParameterStore& parameters);
  /// x [B, T, D], float32 or in the compute dtype → [B, T, D] in the compute dtype.
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
  /// The stream at the positions that the call keeps.
  Stream forward(const Stream& stream, LaneLayout layout, const Pass& pass) const;

 private:
  Stream serial(const Stream& stream, const Pass& pass) const;
  Stream parallel(const Stream& stream, const Pass& pass) const;
  Stream two_lanes(const Stream& stream, const Pass& pass) const;

  int64_t block_;
  double norm_scale_;
  const FeatureList& features_;
  torch::Tensor attn_scale_D_, mlp_scale_D_, resid_mix_2D_;
  Attention attn_;
  Mlp mlp_;
};

}  // namespace golf
