#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace golf {

/// Predicts each value of a row from those to its left, with weights learnt from the rows of earlier blocks:
/// rows are taken as samples of one normal distribution. Integers only; docs/FORMAT.md gives the arithmetic.
///
/// Use, for every block: begin_block(rows); for every column in order: predict(), then observe();
/// end_block().
class LinearPredictor {
 public:
  static constexpr size_t kMaxColumns = 1024;
  static constexpr size_t kMaxBlockRows = 1024;

  /// `prior_rows`: how many rows' weight the starting belief, that columns are independent, has.
  LinearPredictor(size_t columns, uint32_t prior_rows);

  void begin_block(size_t rows);
  /// The means of the next column, one a row, in sixteenths.
  std::span<const int16_t> predict();
  /// 16·log2 of the standard deviation that the learnt weights leave in the next column.
  int scale_log() const { return scale_logs_[column_]; }
  /// The next column's values.
  void observe(std::span<const int8_t> values);
  /// Learns from the block, now or when enough rows have come together.
  void end_block();

  /// Whether anything has been learnt.
  bool has_weights() const { return learnt_rows_ > 0; }

 private:
  void start_panel();
  void accumulate();
  void factorize();

  size_t columns_;
  uint32_t prior_rows_;
  uint64_t rows_seen_ = 0;         ///< rows in products_
  uint64_t learnt_rows_ = 0;       ///< rows_seen_ when the weights were made
  std::vector<int64_t> products_;  ///< [columns, columns], lower triangle: Σ over rows of x_i · x_j
  std::vector<int16_t> weights_;   ///< [columns, columns], strictly lower: unit triangular factor in Q14
  std::vector<int> scale_logs_;    ///< [columns]

  size_t rows_ = 0;                 ///< of the block
  size_t column_ = 0;               ///< the next
  std::vector<int16_t> values_;     ///< [columns, kStride]: the block
  std::vector<int16_t> residuals_;  ///< [columns, kStride]: value − mean, in sixteenths
  std::vector<uint32_t> sums_;      ///< [kPanel, kStride]: Σ weight · residual, of the columns of a panel
  std::vector<int16_t> means_;      ///< [kStride]
};

}  // namespace golf
