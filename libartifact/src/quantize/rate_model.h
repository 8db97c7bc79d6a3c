#pragma once

#include <span>
#include <vector>

#include "golf/artifact/tensor/tensor.h"
#include "quantize/step_grid.h"

namespace golf {

/// What values take in a good codec, about: the sum of the order-0 entropies of their byte planes, in bytes.
double entropy_bytes(const Tensor& values);

/// A sample of a tensor's weights in units of its step size. It tells what the tensor's integers take at any
/// step size without quantizing: a search for a step size then needs few of the slow packings.
class RateSample {
 public:
  /// @param choice  its step size and encoding do not matter
  RateSample(std::span<const float> weights, const Shape& shape, const GridChoice& choice);

  /// Order-0 entropy of the integers of rounding to multiples of `step_size`, in bits a weight. It falls as
  /// steps grow. Rows that would pass ±127 keep the smallest step that they can have.
  double bits_a_weight(double step_size) const;

 private:
  size_t row_length_ = 0;
  std::vector<float> values_;       ///< some of the rows, over the factors of row and column
  std::vector<float> least_steps_;  ///< of each of these rows
};

}  // namespace golf
