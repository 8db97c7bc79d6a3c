#pragma once

#include "golf/artifact/quantize/stored_model.h"

namespace golf {

/// The upstream reference's int8 ("Q8"; `bits` 8) and PR 192's int6 (`bits` 6), to the bit.
///
/// With Q = 2^(bits−1) − 1 and, for each row of a matrix, C = 0.9999984-quantile of |w|:
/// scale = max(C/Q, 1/Q) in float32; q = clamp(round_half_even(clip(w, ±C) / scale), ±Q). The division uses
/// the float32 scale, but what is stored, and decodes, is the scale rounded to float16. The floor 1/Q gives
/// nearly every row the same step. Other ranks: one C over all elements, scale = C/Q (1 when that is 0),
/// stored as a 0-dim float32.
/// @throws Error kUnsupported when a scale does not fit in float16
/// Source: reference spec §5; spec PR 192 §1.10. Thread-safe.
StoredTensor store_clipped_int(const Tensor& tensor, int bits);

}  // namespace golf
