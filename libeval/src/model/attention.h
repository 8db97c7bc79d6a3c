#pragma once

#include <torch/types.h>

#include "golf/artifact/spec/model_config.h"
#include "model/casted_linear.h"
#include "model/feature.h"
#include "model/parameter_store.h"
#include "model/pass.h"

namespace golf {

/// Causal self-attention with grouped key/value heads; queries and keys are normed and rotated, and every
/// query head has a learned gain. Features may change the values and the result.
/// Source: docs/SUBMISSIONS.md, upstream reference, Model.
class Attention {
 public:
  Attention(const ModelConfig& config, int64_t block, const FeatureList& features,
            ParameterStore& parameters);
  /// x float32 [B, T, D] → [B, T, D] in the compute dtype.
  torch::Tensor forward(const torch::Tensor& x_BTD, const Pass& pass) const;

 private:
  int64_t block_, num_heads_, num_kv_heads_, head_dim_;
  const FeatureList& features_;
  torch::Tensor q_gain_H_;
  CastedLinear c_q_, c_k_, c_v_, proj_;
};

}  // namespace golf
