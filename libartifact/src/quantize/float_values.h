#pragma once

#include <algorithm>
#include <cmath>
#include <span>
#include <vector>

#include "golf/artifact/tensor/tensor.h"

namespace golf {

/// A floating tensor's elements as float32, borrowed where they already are.
/// Lives no longer than the tensor. @throws Error kInvalidArgument when the tensor is not floating
class FloatValues {
 public:
  explicit FloatValues(const Tensor& tensor);
  std::span<const float> all() const { return values_; }
  /// Row `row` of a matrix with `columns` columns.
  std::span<const float> row(size_t row, size_t columns) const {
    return values_.subspan(row * columns, columns);
  }

 private:
  std::vector<float> converted_;
  std::span<const float> values_;
};

/// Largest magnitude; 0 for no values.
inline float max_magnitude(std::span<const float> values) {
  float largest = 0.0F;
  for (const float value : values) largest = std::max(largest, std::fabs(value));
  return largest;
}

/// The q-quantile of |values| with linear interpolation, to the bit as torch.quantile computes it: q is
/// rounded to float32, the position q·(n−1) formed in float64, its fraction cast to float32, and the two
/// neighbors blended by ATen's lerp. 0 for no values.
/// Source: docs/SUBMISSIONS.md, upstream reference, Artifact. Thread-safe.
float magnitude_quantile(std::span<const float> values, double q);

/// The nearest integer, ties to even, for |value| ≤ 2^22: the same as std::nearbyint, in a form that
/// compilers turn into vector instructions everywhere. Adding 1.5·2^23 leaves no bits for a fraction.
inline float round_half_even(float value) {
  constexpr float kShift = 0x1.8p23F;
  return (value + kShift) - kShift;
}

}  // namespace golf
