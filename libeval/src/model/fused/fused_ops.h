#pragma once

// Autograd functions over the CPU kernels. Every one takes float32 CPU tensors and has first derivatives
// only; ops.cpp chooses between them and plain compositions of torch operations.

#include <torch/types.h>

#include <optional>

#include "model/rotary.h"

namespace golf::fused {

struct StreamAndNorm {
  torch::Tensor stream, normed;
};
/// stream = coefficients[0] ⊙ x + coefficients[1] ⊙ y for coefficients [2, D], x + coefficients ⊙ y for [D];
/// normed = rms_norm(stream).
StreamAndNorm weighted_sum_and_norm(const torch::Tensor& coefficients, const torch::Tensor& x,
                                    const torch::Tensor& y);
/// The stream alone.
torch::Tensor weighted_sum(const torch::Tensor& coefficients, const torch::Tensor& x, const torch::Tensor& y);

torch::Tensor rms_norm(const torch::Tensor& x);
torch::Tensor relu_squared(const torch::Tensor& x);
torch::Tensor norm_rotate(const torch::Tensor& x_BTHK, const RotaryAngles& angles,
                          const std::optional<torch::Tensor>& gain_H);
/// −ln p(target) and, on request, the entropy of each position: float32 as targets, no gradient.
struct PositionScores {
  torch::Tensor nll_BT, entropy_BT;
};
PositionScores softcapped_scores(const torch::Tensor& scores_BTV, double cap, const torch::Tensor& targets_BT,
                                 bool with_entropy);
torch::Tensor softcapped_mean_nll(const torch::Tensor& scores_BTV, double cap,
                                  const torch::Tensor& targets_BT);

/// Whether this processor runs the block products that causal_attention needs (AVX-512).
bool has_causal_attention();
torch::Tensor causal_attention(const torch::Tensor& q_BTHK, const torch::Tensor& k_BTGK,
                               const torch::Tensor& v_BTGK);

/// Whether this LibTorch has oneDNN's products. MKL runs float32 products at half their speed on AMD
/// processors.
bool has_linear();
/// x [.., in] · weightᵀ for a weight [out, in].
torch::Tensor linear(const torch::Tensor& x, const torch::Tensor& weight);

}  // namespace golf::fused
