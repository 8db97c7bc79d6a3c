#include "model/features/smear_gate.h"

#include <torch/types.h>

namespace golf {
namespace {

/// x moved one position on: zeros at the first, the last left out.
torch::Tensor predecessors(const torch::Tensor& x_BTD) {
  return at::constant_pad_nd(x_BTD.narrow(1, 0, x_BTD.size(1) - 1), {0, 0, 1, 0});
}

}  // namespace

SmearGate::SmearGate(const ModelConfig& config, torch::nn::Module& owner)
    : variant_(config.smear_gate->variant) {
  const int64_t d = config.model_dim;
  if (variant_ == SmearVariant::kPerToken) {
    lambda_ = owner.register_parameter("smear_lambda", torch::zeros({1}));
    weight_ = owner.register_module("smear_gate", std::make_shared<CastMatrixImpl>(1, d));
  } else {
    const auto smear = owner.register_module("smear", std::make_shared<torch::nn::Module>());
    gate_D_ = smear->register_parameter("gate", torch::zeros({d}));
  }
}

torch::Tensor SmearGate::smear(const torch::Tensor& x_BTD, torch::ScalarType compute_dtype) const {
  const torch::Tensor before_BTD = predecessors(x_BTD);
  if (variant_ == SmearVariant::kPerToken) {
    const torch::Tensor opening_BT1 = at::sigmoid(weight_->project(x_BTD, compute_dtype).to(torch::kFloat));
    return x_BTD + lambda_ * opening_BT1 * before_BTD;
  }
  const torch::Tensor gate_D = at::sigmoid(gate_D_);
  return (1 - gate_D) * x_BTD + gate_D * before_BTD;
}

}  // namespace golf
