#pragma once

#include <torch/types.h>

namespace golf {

/// Exclusive self-attention (XSA, PR 993): what each query head attended to, less its component along the
/// position's own value: y − (y · v̂) v̂ with v̂ = v / max(‖v‖, 1e-12). Query head h has the value of
/// key/value head h / (H / G). y [B, T, H, K], v [B, T, G, K] → [B, T, H, K].
torch::Tensor without_own_value(const torch::Tensor& y_BTHK, const torch::Tensor& v_BTGK);

}  // namespace golf
