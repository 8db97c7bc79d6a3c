#pragma once

#include <span>

#include "golf/artifact/quantize/stored_model.h"

namespace golf {

/// The grid to make for a tensor.
struct GridChoice {
  Storage storage = Storage::kUniform;  ///< or kTrellis, for a matrix
  /// Distance of neighbouring values that one integer apart means, the geometric mean over rows and columns:
  /// a trellis has half of it as its step.
  double spacing = 0.0;
  /// What a unit of squared error weighs in each row; empty: the same in all. Steps go with 1/√weight, which
  /// costs the least bits for the same weighted error.
  std::span<const double> row_weights = {};
  std::span<const double> column_weights = {};  ///< likewise
  /// Whether integers may be needed beyond what the weights themselves ask for.
  bool feedback = false;
};

/// A tensor with its grid, integers still zero. Row weights need a matrix. A row that would need integers
/// outside ±127 gets a larger step: nothing is clipped.
/// @throws Error kUnsupported when the spacing leaves float32's normal range, or a row needs a step more than
/// 2^15 times the tensor's
StoredTensor make_grid(const Tensor& original, std::span<const float> weights, const GridChoice& choice);

}  // namespace golf
