#pragma once

#include <cstdint>
#include <span>
#include <type_traits>

#include "encode/golf/plane_model.h"

namespace golf {

/// A plane's values in the file's order, read or written a block of rows at a time, column by column.
/// Borrows them.
template <class Value>
class BasicPlaneValues {
 public:
  BasicPlaneValues(std::span<Value> values, const PlaneModel& model)
      : values_(values),
        row_stride_(model.transposed ? 1 : model.view.columns),
        column_stride_(model.transposed ? model.view.rows : 1),
        columns_(model.view.columns) {}

  void gather(size_t first_row, size_t rows, std::span<int8_t> block) const {
    for_each(first_row, rows, [&](size_t value, size_t at) { block[at] = values_[value]; });
  }
  void scatter(size_t first_row, size_t rows, std::span<const int8_t> block) const {
    for_each(first_row, rows, [&](size_t value, size_t at) { values_[value] = block[at]; });
  }

 private:
  /// In tiles, so that both sides stay in the cache.
  template <class Move>
  void for_each(size_t first_row, size_t rows, Move&& move) const {
    constexpr size_t kTile = 64;
    for (size_t row0 = 0; row0 < rows; row0 += kTile) {
      const size_t row_end = std::min(rows, row0 + kTile);
      for (size_t column = 0; column < columns_; ++column) {
        const size_t base = first_row * row_stride_ + column * column_stride_;
        for (size_t row = row0; row < row_end; ++row) move(base + row * row_stride_, column * rows + row);
      }
    }
  }

  std::span<Value> values_;
  size_t row_stride_;
  size_t column_stride_;
  size_t columns_;
};
using PlaneValues = BasicPlaneValues<const int8_t>;
using MutablePlaneValues = BasicPlaneValues<int8_t>;

}  // namespace golf
