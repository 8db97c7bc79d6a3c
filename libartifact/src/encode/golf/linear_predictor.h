#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace golf {

/// How a plane's values are predicted from those to their left. Stored in streams.
enum class PredictionKind : uint8_t {
  kNone = 0,
  kLikeness = 1,  ///< rows resemble each other: samples of a normal distribution whose covariance is learnt
  kOrthogonality =
      2,  ///< rows avoid each other's directions: what is learnt is the inverse of the covariance
};

/// Predicts each value of a row from those to its left, with weights learnt from the rows of earlier blocks.
/// Integers only; docs/FORMAT.md gives the arithmetic.
///
/// Use, for every block: begin_block(rows); for every column in order: predict(), then observe();
/// end_block().
class LinearPredictor {
 public:
  static constexpr size_t kMaxColumns = 1024;

  /// `prior_rows`: how many rows' weight the starting belief, that columns are independent, has.
  /// `patience`: learns again when a 2^patience-th part of the rows is new, or as many rows as of the
  /// columns.
  LinearPredictor(PredictionKind kind, size_t columns, uint32_t prior_rows, int patience);

  void begin_block(size_t rows);
  /// The means of the next column, one a row, in sixteenths.
  std::span<const int16_t> predict();
  /// 16·log2 of the standard deviation that the learnt weights leave in the next column.
  int scale_log() const { return scale_logs_[column_]; }
  /// The next column's values.
  void observe(std::span<const int8_t> values);
  /// Learns from the block, now or when enough rows have come together.
  void end_block();
  /// value − mean in sixteenths, for a row of the block, before end_block() or after.
  int16_t residual(size_t row, size_t column) const { return residuals_[column * rows_ + row]; }

  /// Whether anything has been learnt.
  bool has_weights() const { return learnt_rows_ > 0; }

 private:
  void start_panel();
  void accumulate();
  void factorize();
  /// What a column's weight applies to, and how many bits finer than the means the products are.
  const int16_t* inputs(size_t column) const;
  int input_shift() const;

  PredictionKind kind_;
  int patience_;
  size_t columns_;
  uint32_t prior_rows_;
  uint64_t rows_seen_ = 0;         ///< rows in products_
  uint64_t learnt_rows_ = 0;       ///< rows_seen_ when the weights were made
  std::vector<int64_t> products_;  ///< [columns, columns], lower triangle: Σ over rows of x_i · x_j
  std::vector<int16_t> weights_;   ///< [columns, columns], strictly lower, in Q14
  std::vector<int> scale_logs_;    ///< [columns]

  size_t rows_ = 0;                 ///< of the block
  size_t column_ = 0;               ///< the next
  std::vector<int16_t> values_;     ///< [columns, rows_]: the block
  std::vector<int16_t> residuals_;  ///< [columns, rows_]: value − mean, in sixteenths
  std::vector<uint32_t> sums_;      ///< [kPanel, rows_]: Σ weight · input, of the columns of a panel
  std::vector<int16_t> means_;      ///< [rows_]
};

}  // namespace golf
