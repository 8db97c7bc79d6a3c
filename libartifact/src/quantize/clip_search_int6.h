#pragma once

#include "golf/artifact/quantize/stored_model.h"

namespace golf {

/// PR 993's int6, to the bit: one clipping quantile for the whole matrix, found by search.
///
/// For p in 0.999, 0.9995, 0.9999, 0.99999, 1, in that order: for each row C = p-quantile of |w|,
/// s = f16(max(C/31, 1/31)), q = clamp(round_half_even(w / s), ±31). Kept is the p whose error, the mean over
/// the matrix of (w − q·s)² (terms in float32, summed in float64, compared in float32), is strictly least;
/// the first wins ties. With every row below 1 the floor decides, and all p are the same. Ranks other than 2
/// take one scale f16(A/31), with A the largest magnitude, 1 when that is 0.
/// @throws Error kUnsupported when a scale does not fit in float16
/// Source: spec PR 993 §3. Thread-safe.
StoredTensor store_clip_search_int6(const Tensor& tensor);

}  // namespace golf
