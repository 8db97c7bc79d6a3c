#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <span>
#include <vector>

#include "golf/artifact/base/error.h"
#include "model/ops.h"
#include "model/ops/paths.h"

namespace golf {

void check_targets(const torch::Tensor& targets_BT, int64_t classes) {
  if (!targets_BT.device().is_cpu()) return;
  const torch::Tensor contiguous = targets_BT.contiguous();
  const std::span targets(contiguous.const_data_ptr<int64_t>(), static_cast<size_t>(contiguous.numel()));
  for (const int64_t target : targets) {
    if (target < 0 || target >= classes) {
      fail(ErrorCode::kInvalidArgument,
           fmt::format("target token {} is outside the vocabulary of {}", target, classes));
    }
  }
}

}  // namespace golf

namespace golf::plain {

torch::Tensor rms_norm(const torch::Tensor& x, double scale) {
  const torch::Tensor normed = at::rms_norm(x, {x.size(-1)}, /*weight=*/{}, kRmsEpsilon);
  return scale == 1.0 ? normed : normed * scale;
}

torch::Tensor weighted_sum(const torch::Tensor& coefficients, const torch::Tensor& x,
                           const torch::Tensor& y) {
  if (coefficients.dim() == 2) return coefficients[0] * x + coefficients[1] * y;
  return x + coefficients * y;
}

torch::Tensor leaky_relu_squared(const torch::Tensor& x, double slope) {
  return at::square(slope == 0 ? at::relu(x) : at::leaky_relu(x, slope));
}

torch::Tensor exclusive_attention(const torch::Tensor& y_BTHK, const torch::Tensor& v_BTGK) {
  const int64_t B = v_BTGK.size(0), T = v_BTGK.size(1), groups = v_BTGK.size(2), K = v_BTGK.size(3);
  const torch::Tensor y_BTGrK = y_BTHK.reshape({B, T, groups, -1, K});
  const torch::Tensor norm_BTG1 =
      at::clamp_min(at::linalg_vector_norm(v_BTGK, 2, {-1}, /*keepdim=*/true), 1e-12);
  const torch::Tensor unit_BTG1K = (v_BTGK / norm_BTG1).unsqueeze(3);
  const torch::Tensor along_BTGr1 = (y_BTGrK * unit_BTG1K).sum(-1, /*keepdim=*/true);
  return (y_BTGrK - along_BTGr1 * unit_BTG1K).reshape(y_BTHK.sizes());
}

torch::Tensor qk_norm_rotary(const torch::Tensor& x_BTHK, const RotaryAngles& angles,
                             const std::optional<torch::Tensor>& gain_H) {
  const int64_t pairs = angles.cos_TR.size(1), still = x_BTHK.size(-1) - 2 * pairs;
  const torch::Tensor normed = plain::rms_norm(x_BTHK, 1.0);
  const torch::Tensor a = normed.narrow(-1, 0, pairs), b = normed.narrow(-1, pairs, pairs);
  const torch::Tensor cos = angles.cos_TR.unsqueeze(1), sin = angles.sin_TR.unsqueeze(1);
  const torch::Tensor turned =
      at::cat({a * cos + b * sin, b * cos - a * sin, normed.narrow(-1, 2 * pairs, still)}, -1);
  return gain_H ? turned * gain_H->unsqueeze(-1) : turned;
}

namespace {

/// LibTorch's kernel for processors takes a query whose scores are all NaN for one that sees no key, and
/// answers zeros (seen with 5 positions, not with 64).
torch::Tensor nan_if_any_is(const torch::Tensor& y, const torch::Tensor& q, const torch::Tensor& k,
                            const torch::Tensor& v) {
  if (!y.device().is_cpu()) return y;
  return y.masked_fill(q.isnan().any() | k.isnan().any() | v.isnan().any(), NAN);
}

}  // namespace

torch::Tensor causal_attention(const torch::Tensor& q_BTHK, const torch::Tensor& k_BTGK,
                               const torch::Tensor& v_BTGK) {
  const torch::Tensor y_BTHK =
      at::scaled_dot_product_attention(q_BTHK.transpose(1, 2), k_BTGK.transpose(1, 2), v_BTGK.transpose(1, 2),
                                       /*attn_mask=*/{}, /*dropout_p=*/0.0, /*is_causal=*/true,
                                       /*scale=*/std::nullopt,
                                       /*enable_gqa=*/k_BTGK.size(2) != q_BTHK.size(2))
          .transpose(1, 2);
  return nan_if_any_is(y_BTHK, q_BTHK, k_BTGK, v_BTGK);
}

torch::Tensor part_of_attention(const torch::Tensor& q_BSHK, const torch::Tensor& k_BTGK,
                                const torch::Tensor& v_BTGK, int64_t window) {
  const int64_t length = k_BTGK.size(1), queries = q_BSHK.size(1), before = length - queries;
  const int64_t reach = window > 0 ? window : length;
  std::vector<torch::Tensor> parts;
  for (int64_t first = 0; first < queries; first += reach) {
    const int64_t count = std::min(reach, queries - first), end = before + first + count;
    const int64_t from = std::max<int64_t>(before + first - reach + 1, 0), keys = end - from;
    const torch::Tensor behind = at::arange(before + first, end, k_BTGK.device()).unsqueeze(1) -
                                 at::arange(from, end, k_BTGK.device());  // of each key, [queries, keys]
    const auto heads_first = [](const torch::Tensor& x) { return x.transpose(1, 2); };
    const torch::Tensor y_BHSK = at::scaled_dot_product_attention(
        heads_first(q_BSHK.narrow(1, first, count)), heads_first(k_BTGK.narrow(1, from, keys)),
        heads_first(v_BTGK.narrow(1, from, keys)), /*attn_mask=*/(behind >= 0) & (behind < reach),
        /*dropout_p=*/0.0, /*is_causal=*/false, /*scale=*/std::nullopt,
        /*enable_gqa=*/k_BTGK.size(2) != q_BSHK.size(2));
    parts.push_back(y_BHSK.transpose(1, 2));
  }
  return nan_if_any_is(at::cat(parts, 1), q_BSHK, k_BTGK, v_BTGK);
}

}  // namespace golf::plain
