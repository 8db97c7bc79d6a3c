// B sequences, T positions, S of them that the call keeps (the last ones), D model width, H query heads, G
// key/value heads, K head dimension.
#include "model/block.h"

#include <fmt/format.h>

#include <cmath>

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
  const int64_t B = x_BTD.size(0), T = x_BTD.size(1), S = T - pass.first_position;
  const torch::Tensor x = x_BTD.to(dtype), kept_BSD = pass.kept(x);
  const auto projected = [&](const CastedLinear& matrix, AdapterSite site, const torch::Tensor& from) {
    return pass.adapted(site, from, matrix->project(from, dtype));
  };
  const torch::Tensor q_BSHK =
      projected(c_q_, AdapterSite::kQuery, kept_BSD).view({B, S, num_heads_, head_dim_});
  const torch::Tensor k_BTGK = projected(c_k_, AdapterSite::kKey, x).view({B, T, num_kv_heads_, head_dim_});
  torch::Tensor v_BTC = projected(c_v_, AdapterSite::kValue, x);
  for (const auto& feature : features_) v_BTC = feature->values(block_, v_BTC, pass);
  const torch::Tensor v_BTGK = v_BTC.view({B, T, num_kv_heads_, head_dim_});

  const torch::Tensor turned_BSHK = qk_norm_rotary(q_BSHK, pass.rotary.from(pass.first_position), q_gain_H_);
  const torch::Tensor turned_BTGK = qk_norm_rotary(k_BTGK, pass.rotary);
  const torch::Tensor attended_BSHK =
      pass.documents.are_rows() ? causal_attention(turned_BSHK, turned_BTGK, v_BTGK, pass.attention_window)
                                : causal_attention(turned_BSHK, turned_BTGK, v_BTGK, pass.documents);
  const torch::Tensor y_BSHK = finished({block_, pass.kept(x_BTD), pass.kept(v_BTGK)}, attended_BSHK);
  const torch::Tensor y_BSD = proj_->project(y_BSHK.reshape({B, S, num_heads_ * head_dim_}), dtype);
  return pass.adapted(AdapterSite::kAttention, kept_BSD, y_BSD);
}

torch::Tensor Attention::finished(const AttentionInput& input, torch::Tensor y_BTHK) const {
  bool excludes = false;
  std::optional<torch::Tensor> gate_BTH;
  for (const auto& feature : features_) {
    y_BTHK = feature->attended(input, y_BTHK);
    excludes |= feature->excludes_own_value(block_);
    const torch::Tensor gate = feature->head_gate(input);
    if (gate.defined()) gate_BTH = gate_BTH ? *gate_BTH * gate : gate;
  }
  return finish_heads(y_BTHK, excludes ? std::optional(input.v_BTGK) : std::nullopt, gate_BTH);
}

Mlp::Mlp(const ModelConfig& config, int64_t block, ParameterStore& parameters)
    : activation_(config.mlp_activation),
      fc_(parameters.matrix(fmt::format("blocks.{}.mlp.fc", block))),
      proj_(parameters.matrix(fmt::format("blocks.{}.mlp.proj", block))) {}

torch::Tensor Mlp::forward(const torch::Tensor& x_BTD, const Pass& pass) const {
  const torch::Tensor inner = fc_->project(x_BTD, pass.compute_dtype);
  const double slope = activation_ == MlpActivation::kLeakyRelu2 ? 0.5 : 0.0;
  const torch::Tensor y_BTD =
      proj_->project(leaky_relu_squared(inner, slope), pass.compute_dtype, /*nonnegative=*/true);
  return pass.adapted(AdapterSite::kMlp, x_BTD, y_BTD);
}

Block::Block(const ModelConfig& config, int64_t block, const FeatureList& features,
             ParameterStore& parameters)
    : block_(block),
      norm_scale_(config.layer_scale ? 1.0 / std::sqrt(static_cast<double>(block + 1)) : 1.0),
      features_(features),
      attn_scale_D_(parameters.tensor(fmt::format("blocks.{}.attn_scale", block))),
      mlp_scale_D_(parameters.tensor(fmt::format("blocks.{}.mlp_scale", block))),
      resid_mix_2D_(parameters.tensor(fmt::format("blocks.{}.resid_mix", block))),
      attn_(config, block, features, parameters),
      mlp_(config, block, parameters) {}

Stream Block::forward(const Stream& stream, LaneLayout layout, const Pass& pass) const {
  switch (layout) {
    case LaneLayout::kParallel:
      return parallel(stream, pass);
    case LaneLayout::kTwoLanes:
      return two_lanes(stream, pass);
    default:
      return serial(stream, pass);
  }
}

Stream Block::serial(const Stream& stream, const Pass& pass) const {
  const auto [mixed_BTD, attn_in_BTD] =
      mix_and_norm(stream.lane0_BTD, pass.x0_BTD, resid_mix_2D_, norm_scale_, pass.compute_dtype);
  const auto [attended_BTD, mlp_in_BTD] = add_scaled_and_norm(
      pass.kept(mixed_BTD), attn_scale_D_, attn_.forward(attn_in_BTD, pass), norm_scale_, pass.compute_dtype);
  return {add_scaled(attended_BTD, mlp_scale_D_, mlp_.forward(mlp_in_BTD, pass))};
}

Stream Block::parallel(const Stream& stream, const Pass& pass) const {
  const auto [mixed_BTD, in_BTD] =
      mix_and_norm(stream.lane0_BTD, pass.x0_BTD, resid_mix_2D_, norm_scale_, pass.compute_dtype);
  const torch::Tensor attended_BTD =
      add_scaled(pass.kept(mixed_BTD), attn_scale_D_, attn_.forward(in_BTD, pass));
  return {add_scaled(attended_BTD, mlp_scale_D_, mlp_.forward(pass.kept(in_BTD), pass))};
}

Stream Block::two_lanes(const Stream& stream, const Pass& pass) const {
  const auto [mixed_BTD, attn_in_BTD] =
      mix_and_norm(stream.lane0_BTD, pass.x0_BTD, resid_mix_2D_, norm_scale_, pass.compute_dtype);
  const ScaledOutput attention{attn_.forward(attn_in_BTD, pass), attn_scale_D_};
  Stream written{pass.kept(stream.lane0_BTD), pass.kept(stream.lane1_BTD)};
  const ScaledOutput mlp{mlp_.forward(rms_norm(written.lane1_BTD, norm_scale_, pass.compute_dtype), pass),
                         mlp_scale_D_};
  for (const auto& feature : features_) {
    written = feature->write_lanes(block_, written, attention, mlp);
  }
  return written;
}

}  // namespace golf
