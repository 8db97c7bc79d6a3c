#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>

#include "golf/artifact/quantize/stored_model.h"
#include "quantize/float_values.h"

namespace golf {

/// Integers from `low` to `high`, both within int8.
struct IntRange {
  float low, high;
};

/// q = clamp(round_half_even(w / scale), range) for each w. `scale` > 0.
inline void quantize_values(std::span<const float> weights, float scale, IntRange range,
                            std::span<int8_t> quantized) {
  for (size_t i = 0; i < weights.size(); ++i) {
    // Clamping first changes nothing, because the limits are integers, and keeps the rounding in its domain.
    const float scaled = std::min(std::max(weights[i] / scale, range.low), range.high);
    quantized[i] = static_cast<int8_t>(round_half_even(scaled));
  }
}
inline void quantize_values(std::span<const float> weights, float scale, float limit,
                            std::span<int8_t> quantized) {
  quantize_values(weights, scale, IntRange{-limit, limit}, quantized);
}

/// q = clamp(round_half_even(value / scale), range), or 0 for 0/0: a scale may be 0.
inline int8_t nearest_integer(float value, float scale, IntRange range) {
  const float quotient = value / scale;
  if (std::isnan(quotient)) return 0;
  return static_cast<int8_t>(round_half_even(std::min(std::max(quotient, range.low), range.high)));
}

/// An integer tensor for `original`, values and scales still zero: per row with float16 scales for a matrix,
/// else per tensor with one 0-dim float32 scale.
StoredTensor make_int_tensor(const Tensor& original, int bits);

inline constexpr float kSmallestNormalF16 = 0x1p-14F;
/// The largest integer of int8 schemes and of fine columns.
inline constexpr float kFineLimit = 127.0F;

/// Unbiased (divided by n − 1), summed in float64; 0 for fewer than two values.
double standard_deviation(std::span<const float> values);

/// `scale` rounded to float16. @throws Error kUnsupported, naming the row if given, when that is infinite
uint16_t finite_f16_scale(float scale, std::optional<size_t> row);

/// What a rule makes of the values that share a scale.
using ScaleRule = std::function<float(std::span<const float> values)>;
/// Integers of ±(2^(bits−1) − 1): a row of a matrix by its own scale, rounded to float16 and at least the
/// smallest normal one, which divides; else all by one float32 scale. Beyond the range they are clamped.
/// @throws Error kUnsupported when a row's scale does not fit in float16
StoredTensor store_by_scale_rule(const Tensor& tensor, int bits, const ScaleRule& rule);

/// A tensor of any rank with one 0-dim float16 scale, which divides; q = 0 where float16 has no such small
/// scale. @throws Error kUnsupported when the scale does not fit in float16
StoredTensor store_with_f16_scale(const Tensor& tensor, int bits, float scale, IntRange range);

}  // namespace golf
