#pragma once

// The formulas of ops.h as compositions of torch operations: any device, any floating dtype, any derivative.

#include <torch/types.h>

#include <optional>

#include "model/rotary.h"

namespace golf::plain {

torch::Tensor rms_norm(const torch::Tensor& x);
/// coefficients[0] ⊙ x + coefficients[1] ⊙ y for coefficients [2, D], x + coefficients ⊙ y for [D].
torch::Tensor weighted_sum(const torch::Tensor& coefficients, const torch::Tensor& x, const torch::Tensor& y);
torch::Tensor relu_squared(const torch::Tensor& x);
torch::Tensor norm_rotate(const torch::Tensor& x_BTHK, const RotaryAngles& angles,
                          const std::optional<torch::Tensor>& gain_H);
torch::Tensor causal_attention(const torch::Tensor& q_BTHK, const torch::Tensor& k_BTGK,
                               const torch::Tensor& v_BTGK);

}  // namespace golf::plain
