#pragma once

#include <span>

namespace golf {

/// The q-quantile of |values| with linear interpolation, to the bit as torch.quantile computes it: q is
/// rounded to float32, the position q·(n−1) formed in float64, its fraction cast to float32, and the two
/// neighbours blended by ATen's lerp. 0 for no values. Source: reference spec §5, "Q8". Thread-safe.
float magnitude_quantile(std::span<const float> values, double q);

}  // namespace golf
