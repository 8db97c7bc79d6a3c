#pragma once

// The arithmetic between the matrix products. Shapes: B sequences, T positions, D model width, H heads, K
// head dimension, R = K/2, V vocabulary.

#include <torch/types.h>

#include <optional>

#include "model/documents.h"
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

/// Two lanes and what a block adds to them.
struct LaneParts {
  torch::Tensor lane0_BTD, lane1_BTD;
  torch::Tensor attention_BTD, attention_scale_D;
  torch::Tensor mlp_BTD, mlp_scale_D;
  torch::Tensor post_22;  ///< from attention or the MLP (first index) to a lane
  torch::Tensor resid_2;
};
struct LanePair {
  torch::Tensor lane0_BTD, lane1_BTD;
};
/// lane i = resid[i] · lane i + post[0, i] · attention_scale ⊙ attention + post[1, i] · mlp_scale ⊙ mlp.
LanePair write_lanes(const LaneParts& parts);

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
/// h / (H / G). The queries are those of the last S positions. Result [B, S, H, K].
/// @param window  keys that a query sees, its own the last; 0: all. With a window, or with S < T, there is no
///        gradient.
torch::Tensor causal_attention(const torch::Tensor& q_BSHK, const torch::Tensor& k_BTGK,
                               const torch::Tensor& v_BTGK, int64_t window = 0);
/// The same within documents, for the queries of all positions.
torch::Tensor causal_attention(const torch::Tensor& q_BTHK, const torch::Tensor& k_BTGK,
                               const torch::Tensor& v_BTGK, const Documents& documents);

/// x [.., in] · weightᵀ for a weight [out, in] of the same dtype.
torch::Tensor apply_linear(const torch::Tensor& x, const torch::Tensor& weight);

/// x² for x > 0, (slope · x)² otherwise: ReLU² with slope 0, PR 993's activation with 0.5.
torch::Tensor leaky_relu_squared(const torch::Tensor& x, double slope);

/// cap · tanh(x / cap), float32.
torch::Tensor softcap(const torch::Tensor& x, double cap);

}  // namespace golf
