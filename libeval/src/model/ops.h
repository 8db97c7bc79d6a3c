#pragma once

// The arithmetic between the matrix products. Shapes: B sequences, T positions, D model width, H heads, K
// head dimension, R = K/2, V vocabulary.

#include <torch/types.h>

#include <optional>
#include <span>

#include "model/kernels/kernels.h"
#include "model/rotary.h"

namespace golf {

// Norms are float32. The project's GPU kernels give them in `gpu_dtype` instead: what reads them would cast
// them to it.

/// scale · x / √(mean(x²) + ε) over the last axis, without a weight.
torch::Tensor rms_norm(const torch::Tensor& x, double scale = 1.0,
                       torch::ScalarType gpu_dtype = torch::kFloat);

struct StreamAndNorm {
  torch::Tensor stream_BTD;
  torch::Tensor normed_BTD;  ///< rms_norm(stream, norm_scale)
};
/// stream = mix[0] ⊙ x + mix[1] ⊙ x0.
StreamAndNorm mix_and_norm(const torch::Tensor& x_BTD, const torch::Tensor& x0_BTD,
                           const torch::Tensor& mix_2D, double norm_scale = 1.0,
                           torch::ScalarType gpu_dtype = torch::kFloat);
/// stream = x + scale ⊙ y.
StreamAndNorm add_scaled_and_norm(const torch::Tensor& x_BTD, const torch::Tensor& scale_D,
                                  const torch::Tensor& y_BTD, double norm_scale = 1.0,
                                  torch::ScalarType gpu_dtype = torch::kFloat);
/// mix[0] ⊙ x + mix[1] ⊙ y.
torch::Tensor mix(const torch::Tensor& x_BTD, const torch::Tensor& y_BTD, const torch::Tensor& mix_2D);
/// x + scale ⊙ y.
torch::Tensor add_scaled(const torch::Tensor& x_BTD, const torch::Tensor& scale_D,
                         const torch::Tensor& y_BTD);

/// Norms each head, applies the rotary embedding and multiplies each head by its gain. The rotation turns the
/// pair (a, b) of components i and i + R by −θ: (a·cos θ + b·sin θ, b·cos θ − a·sin θ). Components beyond the
/// angles' pairs stay. Computed in float32, returned in the dtype of x.
torch::Tensor qk_norm_rotary(const torch::Tensor& x_BTHK, const RotaryAngles& angles,
                             const std::optional<torch::Tensor>& gain_H = std::nullopt);

/// Exclusive self-attention (XSA, PR 993): what each query head attended to, less its component along the
/// position's own value: y − (y · v̂) v̂ with v̂ = v / max(‖v‖, 1e-12). Query head h has the value of
/// key/value head h / (H / G).
torch::Tensor exclusive_attention(const torch::Tensor& y_BTHK, const torch::Tensor& v_BTGK);
/// gate ⊙ y, one gate for each head of each position, in the dtype of y.
torch::Tensor scale_heads(const torch::Tensor& y_BTHK, const torch::Tensor& gate_BTH);
/// exclusive_attention where v is given, then scale_heads where a gate is.
torch::Tensor finish_heads(const torch::Tensor& y_BTHK, const std::optional<torch::Tensor>& v_BTGK,
                           const std::optional<torch::Tensor>& gate_BTH);

/// softmax(q · kᵀ / √K over the keys up to the query's own position) · v; query head h reads key/value head
/// h / (H / G). Result [B, T, H, K].
torch::Tensor causal_attention(const torch::Tensor& q_BTHK, const torch::Tensor& k_BTGK,
                               const torch::Tensor& v_BTGK);
/// The same within documents: `cu_seqlens` are their bounds in the B·T positions, empty when each row is one.
torch::Tensor causal_attention(const torch::Tensor& q_BTHK, const torch::Tensor& k_BTGK,
                               const torch::Tensor& v_BTGK, std::span<const int64_t> cu_seqlens);
/// @throws Error kInvalidArgument unless the bounds are empty or ascend from 0 to `positions`
void check_cu_seqlens(std::span<const int64_t> cu_seqlens, int64_t positions);

/// x [.., in] · weightᵀ for a weight [out, in] of the same dtype.
torch::Tensor apply_linear(const torch::Tensor& x, const torch::Tensor& weight);

/// x² for x > 0, (slope · x)² otherwise: ReLU² with slope 0, PR 993's activation with 0.5.
torch::Tensor leaky_relu_squared(const torch::Tensor& x, double slope);

/// cap · tanh(x / cap), float32.
torch::Tensor softcap(const torch::Tensor& x, double cap);

}  // namespace golf
