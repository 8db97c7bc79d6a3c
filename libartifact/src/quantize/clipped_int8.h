#pragma once

#include "golf/artifact/quantize/stored_model.h"

namespace golf {

/// The upstream reference's int8 ("Q8"), to the bit.
///
/// Matrices, for each row: C = 0.9999984-quantile of |w|; scale = max(C/127, 1/127) in float32;
/// q = clamp(round_half_even(clip(w, ±C) / scale), ±127). The division uses the float32 scale, but what is
/// stored, and decodes, is the scale rounded to float16. The floor 1/127 gives nearly every row the same
/// step. Other ranks: one C over all elements, scale = C/127 (1 when that is 0), stored as a 0-dim float32.
/// @throws Error kUnsupported when a scale does not fit in float16
/// Source: reference spec §5. Thread-safe.
StoredTensor store_clipped_int8(const Tensor& tensor);

}  // namespace golf
