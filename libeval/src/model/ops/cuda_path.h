#pragma once

// The formulas of ops.h once more, through the GPU kernels (model/cuda), as autograd functions with first
// derivatives. A tensor that a kernel does not take (see takes_*) has to go through plain::.

#include <torch/types.h>

#include <optional>

#include "model/rotary.h"

namespace golf {
struct PositionScores;
struct StreamAndNorm;
struct LaneParts;
struct LanePair;
}  // namespace golf

namespace golf::cuda {

/// Whether kernels run for [.., width] rows: float32 or bf16, at most 1,024 wide, on a device that
/// has_kernels.
bool takes_rows(const torch::Tensor& x);
/// The same for heads [.., head_dim] of at most 128 components.
bool takes_heads(const torch::Tensor& x);
/// The same for rows of scores, and for elements in any number, of any width.
bool takes_elements(const torch::Tensor& x);

/// plain::weighted_sum of float32 x and y of float32 or bf16, and its norm in `norm_dtype`.
StreamAndNorm weighted_sum_and_norm(const torch::Tensor& coefficients, const torch::Tensor& x,
                                    const torch::Tensor& y, double norm_scale, torch::ScalarType norm_dtype);
torch::Tensor weighted_sum(const torch::Tensor& coefficients, const torch::Tensor& x, const torch::Tensor& y);
/// Of float32 x.
torch::Tensor rms_norm(const torch::Tensor& x, double scale, torch::ScalarType norm_dtype);
/// In the dtype of x.
torch::Tensor leaky_relu_squared(const torch::Tensor& x, double slope);

/// In the dtype of x.
torch::Tensor qk_norm_rotary(const torch::Tensor& x_BTHK, const RotaryAngles& angles,
                             const std::optional<torch::Tensor>& gain_H);
/// What follows attention, in one pass: exclusive_attention where v is given, then scale_heads where a gate
/// is. In the dtype of y.
torch::Tensor finish_heads(const torch::Tensor& y_BTHK, const std::optional<torch::Tensor>& v_BTGK,
                           const std::optional<torch::Tensor>& gate_BTH);

/// Of float32 lanes; attention and mlp of one dtype.
LanePair write_lanes(const LaneParts& parts);

/// NaN where a target is outside the vocabulary.
torch::Tensor softcapped_nll(const torch::Tensor& scores_BTV, double cap, const torch::Tensor& targets_BT);
/// No gradient.
PositionScores softcapped_scores(const torch::Tensor& scores_BTV, double cap, const torch::Tensor& targets_BT,
                                 bool with_entropy);

}  // namespace golf::cuda
