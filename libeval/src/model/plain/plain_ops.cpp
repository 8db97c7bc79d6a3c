#include "model/plain/plain_ops.h"

#include "model/ops.h"

namespace golf::plain {

torch::Tensor rms_norm(const torch::Tensor& x) {
  return at::rms_norm(x, {x.size(-1)}, /*weight=*/{}, kRmsEpsilon);
}

torch::Tensor weighted_sum(const torch::Tensor& coefficients, const torch::Tensor& x,
                           const torch::Tensor& y) {
  if (coefficients.dim() == 2) return coefficients[0] * x + coefficients[1] * y;
  return x + coefficients * y;
}

torch::Tensor relu_squared(const torch::Tensor& x) { return at::square(at::relu(x)); }

torch::Tensor norm_rotate(const torch::Tensor& x_BTHK, const RotaryAngles& angles,
                          const std::optional<torch::Tensor>& gain_H) {
  const int64_t pairs = angles.cos_TR.size(1), still = x_BTHK.size(-1) - 2 * pairs;
  const torch::Tensor normed = plain::rms_norm(x_BTHK);
  const torch::Tensor a = normed.narrow(-1, 0, pairs), b = normed.narrow(-1, pairs, pairs);
  const torch::Tensor cos = angles.cos_TR.unsqueeze(1), sin = angles.sin_TR.unsqueeze(1);
  const torch::Tensor turned =
      at::cat({a * cos + b * sin, b * cos - a * sin, normed.narrow(-1, 2 * pairs, still)}, -1);
  return gain_H ? turned * gain_H->unsqueeze(-1) : turned;
}

torch::Tensor causal_attention(const torch::Tensor& q_BTHK, const torch::Tensor& k_BTGK,
                               const torch::Tensor& v_BTGK) {
  return at::scaled_dot_product_attention(q_BTHK.transpose(1, 2), k_BTGK.transpose(1, 2),
                                          v_BTGK.transpose(1, 2),
                                          /*attn_mask=*/{}, /*dropout_p=*/0.0, /*is_causal=*/true,
                                          /*scale=*/std::nullopt,
                                          /*enable_gqa=*/k_BTGK.size(2) != q_BTHK.size(2))
      .transpose(1, 2);
}

}  // namespace golf::plain
