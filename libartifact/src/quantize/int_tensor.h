#pragma once

#include <cstdint>

#include "golf/artifact/quantize/stored_model.h"

namespace golf {

/// An integer tensor for `original`, values and scales still zero: per row with float16 scales for a matrix,
/// else per tensor with one 0-dim float32 scale.
StoredTensor make_int_tensor(const Tensor& original, int bits);

/// `scale` rounded to float16. @throws Error kUnsupported naming the row when that is infinite
uint16_t finite_f16_scale(float scale, size_t row);

}  // namespace golf
