#pragma once

#include <cstdint>
#include <optional>

#include "golf/artifact/quantize/stored_model.h"
#include "quantize/rounding.h"

namespace golf {

/// An integer tensor for `original`, values and scales still zero: per row with float16 scales for a matrix,
/// else per tensor with one 0-dim float32 scale.
StoredTensor make_int_tensor(const Tensor& original, int bits);

/// `scale` rounded to float16. @throws Error kUnsupported, naming the row if given, when that is infinite
uint16_t finite_f16_scale(float scale, std::optional<size_t> row);

/// A tensor of any rank with one 0-dim float16 scale, which divides; q = 0 where float16 has no such small
/// scale. @throws Error kUnsupported when the scale does not fit in float16
StoredTensor store_with_f16_scale(const Tensor& tensor, int bits, float scale, IntRange range);

}  // namespace golf
