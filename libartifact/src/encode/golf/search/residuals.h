#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "encode/golf/stream_history.h"

namespace golf {

/// The logarithm of the scale of a row of zeros, which has none.
inline constexpr int kZeroLog = INT32_MIN;

/// What the linear prediction leaves of a tensor, each value in 1/32 of the scale expected for it, clamped to
/// ±127. [rows, columns].
struct WhitenedRows {
  size_t rows = 0;
  size_t columns = 0;
  std::vector<int16_t> values = {};
  std::vector<int> scale_logs = {};  ///< of each row, in sixteenths of an octave

  const int16_t* row(size_t index) const { return values.data() + index * columns; }
};

/// Finds for every row the earlier rows that it resembles, one after another while they save more bits than
/// it takes to name them. Fills `row_matches`, `match_starts` and `has_row_matches` of the model.
/// @param max_matches  of a row, at most kMaxRowMatches
/// @param probe_columns  columns by which earlier rows are compared first
void find_row_matches(const WhitenedRows& rows, int max_matches, size_t probe_columns, TensorModel& model);

/// A tensor in coded order with everything that its prediction gives, so that scales can be fitted to the
/// rest. Element (row, column) lies at place(row, column). Logarithms are in sixteenths of an octave.
class Residuals {
 public:
  /// Borrows the model, whose offsets must be zero or absent.
  Residuals(std::span<const int8_t> values, const TensorModel& model, const StreamHistory& history);

  size_t rows() const { return model_.view.rows; }
  size_t columns() const { return model_.view.columns; }
  size_t block_of(size_t row) const { return row >> model_.block_log; }
  int value(size_t place) const { return values_[place]; }
  int mean(size_t place) const { return means_.empty() ? 0 : means_[place]; }
  size_t place(size_t row, size_t column) const {
    const size_t first = block_of(row) << model_.block_log;
    const size_t count = std::min(model_.block_rows(), rows() - first);
    return first * columns() + column * count + (row - first);
  }
  /// The first row in which a column of a transposed tensor has the lowest or the highest value.
  size_t first_extreme(size_t column) const { return first_extremes_[column]; }
  /// Logarithm of a column's scale according to the prediction; 0 without.
  int predicted_log(size_t block, size_t column) const {
    return predicted_logs_.empty() ? 0 : predicted_logs_[block * columns() + column];
  }

  /// For each row the logarithm of the scale that fits it best, given those of the columns; kZeroLog for a
  /// row of zeros.
  std::vector<int> row_logs(std::span<const int> column_logs) const;
  /// For each column the logarithm of the scale that fits it best, given those of the rows.
  std::vector<int> column_logs(std::span<const int> row_logs) const;
  WhitenedRows whitened() const;

 private:
  template <class Visit>
  void visit(Visit&& visit) const;

  const TensorModel& model_;
  std::vector<int8_t> values_;
  std::vector<int16_t> means_;
  std::vector<int> predicted_logs_;     ///< [blocks, columns]
  std::vector<size_t> first_extremes_;  ///< if transposed
};

}  // namespace golf
