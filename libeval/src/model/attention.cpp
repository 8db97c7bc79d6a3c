// B sequences, T positions, D model width, H query heads, G key/value heads, K head dimension.
#include "model/attention.h"

#include <fmt/format.h>

#include "model/ops.h"

namespace golf {

Attention::Attention(const ModelConfig& config, int64_t block, const FeatureList& features,
                     ParameterStore& parameters)
    : block_(block),
      num_heads_(config.num_heads),
      num_kv_heads_(config.num_kv_heads),
      head_dim_(config.head_dim()),
      features_(features) {
  const std::string prefix = fmt::format("blocks.{}.attn.", block);
  q_gain_H_ = parameters.tensor(prefix + "q_gain");
  c_q_ = parameters.matrix(prefix + "c_q");
  c_k_ = parameters.matrix(prefix + "c_k");
  c_v_ = parameters.matrix(prefix + "c_v");
  proj_ = parameters.matrix(prefix + "proj");
}

torch::Tensor Attention::forward(const torch::Tensor& x_BTD, const Pass& pass) const {
  const torch::ScalarType dtype = pass.compute_dtype;
  const int64_t B = x_BTD.size(0), T = x_BTD.size(1);
  const torch::Tensor x = x_BTD.to(dtype);
  const torch::Tensor q_BTHK = c_q_->project(x, dtype).view({B, T, num_heads_, head_dim_});
  const torch::Tensor k_BTGK = c_k_->project(x, dtype).view({B, T, num_kv_heads_, head_dim_});
  torch::Tensor v_BTC = c_v_->project(x, dtype);
  for (const auto& feature : features_) v_BTC = feature->values(block_, v_BTC, pass);
  const torch::Tensor v_BTGK = v_BTC.view({B, T, num_kv_heads_, head_dim_});

  torch::Tensor y_BTHK = causal_attention(qk_norm_rotary(q_BTHK, pass.rotary, q_gain_H_),
                                          qk_norm_rotary(k_BTGK, pass.rotary), v_BTGK, pass.cu_seqlens);
  for (const auto& feature : features_) y_BTHK = feature->attended({block_, x_BTD, v_BTGK}, y_BTHK);
  return proj_->project(y_BTHK.reshape({B, T, num_heads_ * head_dim_}), dtype);
}

}  // namespace golf
