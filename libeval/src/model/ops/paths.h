#pragma once

// The formulas of ops.h twice. plain:: composes torch operations. fused:: runs the CPU kernels and multiplies
// through oneDNN, as autograd functions. ops.cpp chooses.

#include <torch/types.h>

#include <optional>

#include "model/rotary.h"

namespace golf {
struct PositionScores;
struct StreamAndNorm;

/// Throws kInvalidArgument when a target (int64, on the CPU) is not below `classes`. Targets on a GPU are
/// left to its kernels' own assertions.
void check_targets(const torch::Tensor& targets_BT, int64_t classes);

}  // namespace golf

/// Any device, any floating dtype, any derivative.
namespace golf::plain {

torch::Tensor rms_norm(const torch::Tensor& x, double scale);
/// coefficients[0] ⊙ x + coefficients[1] ⊙ y for coefficients [2, D], x + coefficients ⊙ y for [D].
torch::Tensor weighted_sum(const torch::Tensor& coefficients, const torch::Tensor& x, const torch::Tensor& y);
torch::Tensor leaky_relu_squared(const torch::Tensor& x, double slope);
torch::Tensor exclusive_attention(const torch::Tensor& y_BTHK, const torch::Tensor& v_BTGK);
torch::Tensor qk_norm_rotary(const torch::Tensor& x_BTHK, const RotaryAngles& angles,
                             const std::optional<torch::Tensor>& gain_H);
/// A NaN anywhere in q, k or v makes the whole result NaN on a CPU.
torch::Tensor causal_attention(const torch::Tensor& q_BTHK, const torch::Tensor& k_BTGK,
                               const torch::Tensor& v_BTGK);
/// Of the last positions' queries, over `window` keys each (0: all before). Scores are held of so many
/// queries at a time as a query sees keys.
torch::Tensor part_of_attention(const torch::Tensor& q_BSHK, const torch::Tensor& k_BTGK,
                                const torch::Tensor& v_BTGK, int64_t window);

}  // namespace golf::plain

/// Tensors are float32 on the CPU and have first derivatives only.
namespace golf::fused {

/// Whether the kernels run at all: not on CpuPath::kLibTorch.
bool has_kernels();

/// The stream is plain::weighted_sum.
StreamAndNorm weighted_sum_and_norm(const torch::Tensor& coefficients, const torch::Tensor& x,
                                    const torch::Tensor& y, double norm_scale);
torch::Tensor weighted_sum(const torch::Tensor& coefficients, const torch::Tensor& x, const torch::Tensor& y);
torch::Tensor rms_norm(const torch::Tensor& x, double scale);
torch::Tensor leaky_relu_squared(const torch::Tensor& x, double slope);
torch::Tensor exclusive_attention(const torch::Tensor& y_BTHK, const torch::Tensor& v_BTGK);
torch::Tensor scale_heads(const torch::Tensor& y_BTHK, const torch::Tensor& gate_BTH);
torch::Tensor qk_norm_rotary(const torch::Tensor& x_BTHK, const RotaryAngles& angles,
                             const std::optional<torch::Tensor>& gain_H);
/// No gradient.
PositionScores softcapped_scores(const torch::Tensor& scores_BTV, double cap, const torch::Tensor& targets_BT,
                                 bool with_entropy);
torch::Tensor softcapped_nll(const torch::Tensor& scores_BTV, double cap, const torch::Tensor& targets_BT);

/// By blocks; on CpuPath::kAvx512 the block products are oneDNN's where it is there.
torch::Tensor causal_attention(const torch::Tensor& q_BTHK, const torch::Tensor& k_BTGK,
                               const torch::Tensor& v_BTGK);
/// Of the last positions' queries, over `window` keys each (0: all before). No gradient.
torch::Tensor part_of_attention(const torch::Tensor& q_BSHK, const torch::Tensor& k_BTGK,
                                const torch::Tensor& v_BTGK, int64_t window);

/// Whether oneDNN's products run: this LibTorch has them, and the path is not CpuPath::kLibTorch. MKL runs
/// float32 products at half their speed on AMD processors with AVX-512.
bool has_linear();
/// x [.., in] · weightᵀ for a weight [out, in], both float32 or, where !has_bf16_products(), both bf16.
torch::Tensor linear(const torch::Tensor& x, const torch::Tensor& weight);

}  // namespace golf::fused
