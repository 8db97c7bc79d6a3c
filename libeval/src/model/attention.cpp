// B sequences, T positions, D model width, H query heads, G key/value heads, K head dimension.
#include "model/attention.h"

#include <torch/types.h>

#include "model/features/exclusive_attention.h"
#include "model/ops.h"

namespace golf {

AttentionImpl::AttentionImpl(const ModelConfig& config, int64_t layer)
    : num_heads_(config.num_heads),
      num_kv_heads_(config.num_kv_heads),
      head_dim_(config.head_dim()),
      exclusive_(config.is_exclusive(layer)) {
  const int64_t d = config.model_dim, kv = config.kv_dim();
  q_gain_H_ = register_parameter("q_gain", torch::ones({num_heads_}));
  c_q_ = register_module("c_q", std::make_shared<CastMatrixImpl>(d, d));
  c_k_ = register_module("c_k", std::make_shared<CastMatrixImpl>(kv, d));
  c_v_ = register_module("c_v", std::make_shared<CastMatrixImpl>(kv, d));
  proj_ = register_module("proj", std::make_shared<CastMatrixImpl>(d, d));
}

torch::Tensor AttentionImpl::forward(const torch::Tensor& x_BTD, const LayerState& state) {
  const torch::ScalarType dtype = state.compute_dtype;
  const int64_t B = x_BTD.size(0), T = x_BTD.size(1);
  const torch::Tensor x = x_BTD.to(dtype);
  const torch::Tensor q_BTHK = c_q_->project(x, dtype).view({B, T, num_heads_, head_dim_});
  const torch::Tensor k_BTGK = c_k_->project(x, dtype).view({B, T, num_kv_heads_, head_dim_});
  torch::Tensor v = c_v_->project(x, dtype);
  if (state.value_bias.defined()) v = v + state.value_bias.to(dtype);
  const torch::Tensor v_BTGK = v.view({B, T, num_kv_heads_, head_dim_});

  torch::Tensor y_BTHK = causal_attention(qk_norm_rotary(q_BTHK, state.rotary, q_gain_H_),
                                          qk_norm_rotary(k_BTGK, state.rotary), v_BTGK);
  if (exclusive_) y_BTHK = without_own_value(y_BTHK, v_BTGK);
  return proj_->project(y_BTHK.reshape({B, T, num_heads_ * head_dim_}), dtype);
}

}  // namespace golf
