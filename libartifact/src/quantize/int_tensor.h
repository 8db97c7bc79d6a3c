#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>

#include "golf/artifact/quantize/stored_model.h"
#include "quantize/rounding.h"

namespace golf {

/// An integer tensor for `original`, values and scales still zero: per row with float16 scales for a matrix,
/// else per tensor with one 0-dim float32 scale.
StoredTensor make_int_tensor(const Tensor& original, int bits);

inline constexpr float kSmallestNormalF16 = 0x1p-14F;

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
