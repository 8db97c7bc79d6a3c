#pragma once

#include "golf/artifact/quantize/stored_model.h"

namespace golf {

/// Integers of `bits` (4…8) bits over the full range of each row, without clipping.
///
/// With Q = 2^(bits−1) − 1 and, for each row of a matrix, A = max |w|:
/// scale = f16(max(A/Q, 2^−14)), q = clamp(round_half_even(w / scale), −Q, Q). The division uses the rounded
/// scale, the one that decodes, so that |w − q·scale| ≤ scale/2 up to the rounding of A/Q. 2^−14 is float16's
/// smallest normal number: a subnormal scale would be coarse. The range is symmetric: −2^(bits−1) would be
/// used by nothing but rounding accidents. Other ranks: one scale for all elements, max(A/Q, 2^−126), kept as
/// a 0-dim float32.
/// @throws Error kUnsupported when a scale does not fit in float16
/// Thread-safe.
StoredTensor store_int_per_row(const Tensor& tensor, int bits);

}  // namespace golf
