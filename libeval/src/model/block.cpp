#include "model/block.h"

#include <torch/types.h>

#include <cmath>

#include "model/ops.h"

namespace golf {

MlpImpl::MlpImpl(const ModelConfig& config)
    : activation_(config.mlp_activation),
      fc_(register_module("fc", std::make_shared<CastMatrixImpl>(config.mlp_hidden, config.model_dim))),
      proj_(register_module("proj", std::make_shared<CastMatrixImpl>(config.model_dim, config.mlp_hidden))) {}

torch::Tensor MlpImpl::forward(const torch::Tensor& x_BTD, const LayerState& state) {
  const torch::Tensor inner = fc_->project(x_BTD, state.compute_dtype);
  const bool leaky = activation_ == MlpActivation::kLeakyRelu2;
  return proj_->project(leaky ? leaky_relu_squared(inner) : relu_squared(inner), state.compute_dtype);
}

BlockImpl::BlockImpl(const ModelConfig& config, int64_t layer)
    : norm_scale_(config.layer_scale ? 1.0 / std::sqrt(static_cast<double>(layer + 1)) : 1.0) {
  const int64_t d = config.model_dim;
  attn_scale_D_ = register_parameter("attn_scale", torch::ones({d}));
  mlp_scale_D_ = register_parameter("mlp_scale", torch::ones({d}));
  resid_mix_2D_ = register_parameter("resid_mix", at::stack({torch::ones({d}), torch::zeros({d})}));
  attn_ = register_module("attn", std::make_shared<AttentionImpl>(config, layer));
  mlp_ = register_module("mlp", std::make_shared<MlpImpl>(config));
}

torch::Tensor BlockImpl::scaled(const torch::Tensor& normed_BTD) const {
  return norm_scale_ == 1.0 ? normed_BTD : normed_BTD * norm_scale_;
}

torch::Tensor BlockImpl::forward(const torch::Tensor& x_BTD, const LayerState& state) {
  const auto [mixed_BTD, attn_in_BTD] = mix_and_norm(x_BTD, state.x0_BTD, resid_mix_2D_);
  const auto [attended_BTD, mlp_in_BTD] =
      add_scaled_and_norm(mixed_BTD, attn_scale_D_, attn_->forward(scaled(attn_in_BTD), state));
  return add_scaled(attended_BTD, mlp_scale_D_, mlp_->forward(scaled(mlp_in_BTD), state));
}

}  // namespace golf
