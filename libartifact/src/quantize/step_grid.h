#pragma once

#include <span>
#include <vector>

#include "golf/artifact/quantize/stored_model.h"

namespace golf {

/// 2^(offset/8), docs/FORMAT.md §3: the float32 nearest to 2^(i/8) for i = offset mod 8, times a power of
/// two.
float offset_factor(int8_t offset);
/// The offset whose factor is nearest to `factor` > 0, on a logarithmic scale; within ±`limit`.
int8_t nearest_offset(double factor, int limit = 127);

/// A matrix as the grid sees it: a tensor that is not of rank 2 has one column.
struct GridView {
  size_t rows = 0;
  size_t columns = 0;
};
GridView grid_view(const Shape& shape);

/// The steps of a tensor on a StepGrid, in float32 as they decode: at(r, c) = (step · row factor) · column
/// factor. Requires check_form().
class GridSteps {
 public:
  explicit GridSteps(const StoredTensor& stored);
  const GridView& view() const { return view_; }
  float at(size_t row, size_t column) const { return row_step(row) * column_factor(column); }
  float row_step(size_t row) const { return rows_.empty() ? step_ : rows_[row]; }
  float column_factor(size_t column) const { return columns_.empty() ? 1.0F : columns_[column]; }

 private:
  GridView view_;
  float step_;
  std::vector<float> rows_;
  std::vector<float> columns_;
};

/// The shape that a grid's offsets must have.
Shape offsets_shape(const StepGrid& grid, const Shape& values);
/// The weights of a tensor on a grid, float32, row-major.
std::vector<float> restore_grid(const StoredTensor& stored);

/// The grid to make for a tensor.
struct GridChoice {
  Encoding encoding = Encoding::kUniform;  ///< or a trellis, for a matrix
  /// Distance of values whose integers differ by one, the geometric mean over rows and columns. A trellis has
  /// half of it as its step.
  double step_size = 0.0;
  /// The weight of a unit of squared error in each row; empty: the same in all. Steps are proportional to
  /// 1/√weight, which costs the least bits for the same weighted error.
  std::span<const double> row_weights = {};
  std::span<const double> column_weights = {};  ///< the same for columns
  /// Whether error feedback may need integers beyond those that the weights need.
  bool feedback = false;
};

/// A tensor with its grid, integers still zero. Row weights need a matrix. A row that would need integers
/// outside ±127 gets a larger step: nothing is clipped.
/// @throws Error kUnsupported when the step size leaves float32's normal range, or a row needs a step more
/// than 2^15 times the tensor's
StoredTensor make_grid(const Tensor& original, std::span<const float> weights, const GridChoice& choice);

}  // namespace golf
