#pragma once

#include <span>
#include <vector>

#include "encode/golf/plane_history.h"
#include "encode/golf/plane_model.h"
#include "encode/golf/reference_search.h"

namespace golf {

/// A plane in coded order with everything that its prediction gives, so that scales can be fitted to what is
/// left. Element (row, column) lies at place(row, column). Logarithms are in sixteenths of an octave.
class Residuals {
 public:
  /// Borrows the model, whose offsets count for nothing yet: they must be zero or absent.
  Residuals(std::span<const int8_t> values, const PlaneModel& model, const PlaneHistory& history);

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
  /// The first row in which a column of a transposed plane has the lowest or the highest value.
  size_t first_peak(size_t column) const { return first_peaks_[column]; }
  /// Logarithm of a column's scale as the prediction has it; 0 without.
  int predicted_log(size_t block, size_t column) const {
    return predicted_logs_.empty() ? 0 : predicted_logs_[block * columns() + column];
  }

  /// For each row the logarithm of the scale that suits it best, given those of the columns; kZeroLog for a
  /// row of zeros.
  std::vector<int> row_logs(std::span<const int> column_logs) const;
  /// For each column the logarithm of the scale that suits it best, given those of the rows.
  std::vector<int> column_logs(std::span<const int> row_logs) const;
  /// What is left of the values, in the scales that prediction and rows give them.
  WhitenedRows whitened() const;

 private:
  template <class Visit>
  void visit(Visit&& visit) const;

  const PlaneModel& model_;
  std::vector<int8_t> values_;
  std::vector<int16_t> means_;
  std::vector<int> predicted_logs_;  ///< [blocks, columns]
  std::vector<size_t> first_peaks_;  ///< if transposed
};

}  // namespace golf
