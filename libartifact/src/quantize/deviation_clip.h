#pragma once

#include "golf/artifact/quantize/stored_model.h"

namespace golf {

/// Integers of `bits` with each row clipped at `deviations` of its standard deviations ("SDClip").
///
/// With Q = 2^(bits−1) − 1 and, for each row of a matrix, S = its standard deviation (divided by n − 1, sums
/// in float64): scale = f16(max(deviations · S / Q, 2^−14)), q = clamp(round_half_even(w / scale), ±Q). Other
/// ranks: one scale for all elements, max(deviations · S / Q, 2^−126), kept as a 0-dim float32.
/// @throws Error kUnsupported when a scale does not fit in float16
/// Source: PR 1394 and its descendants, with 12.85 for int6 and 20 for int8 embeddings. Thread-safe.
StoredTensor store_clipped_at_deviations(const Tensor& tensor, int bits, double deviations);

}  // namespace golf
