#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace golf {

/// What linear prediction learns from: sums of products of columns over rows. The first `given` columns
/// belong to the rows of a reference tensor, the others to the tensor that is coded.
struct Moments {
  size_t given = 0;
  size_t columns = 0;  ///< without those given
  uint64_t rows = 0;
  std::vector<int64_t> products = {};  ///< [all, all], lower triangle: Σ over rows of x_i · x_j

  size_t all() const { return given + columns; }

  /// Takes the 2^shift-th part away; nothing for 0.
  void decay(int shift) {
    if (shift == 0) return;
    rows -= rows >> shift;
    for (int64_t& product : products) product -= product >> shift;
  }
};

/// How the values of a row are predicted from those to their left. Stored in streams.
enum class PredictionKind : uint8_t {
  kNone = 0,
  kCovariance = 1,         ///< rows resemble each other: their covariance is learned
  kInverseCovariance = 2,  ///< rows avoid each other's directions: the inverse of their covariance is learned
  kReferenceTensor = 3,    ///< rows follow from those of an earlier tensor, such as those before hidden units
};

struct PredictorOptions {
  PredictionKind kind = PredictionKind::kCovariance;
  size_t columns = 0;
  size_t given = 0;         ///< columns of the reference tensor; 0 unless the kind is kReferenceTensor
  uint32_t prior_rows = 0;  ///< weight, in rows, of the initial assumption that columns are independent
  /// The weights are refitted when a 2^refit_shift-th part of the rows is new, or as many rows as that part
  /// of the columns.
  int refit_shift = 1;
};

/// Predicts each value of a row from those to its left, or from a row of a reference tensor. The weights are
/// learned from the rows of earlier blocks, and of earlier tensors where it starts from their moments.
/// Integers only; docs/FORMAT.md gives the arithmetic.
///
/// Use, for every block: begin_block(rows, values of the reference tensor); for every column in order:
/// predict(), then observe(); end_block().
class LinearPredictor {
 public:
  static constexpr size_t kMaxColumns = 1024;

  /// `start`: carried statistics of as many columns, or nothing.
  LinearPredictor(const PredictorOptions& options, Moments start);

  /// `given`: [options.given, rows].
  void begin_block(size_t rows, std::span<const int16_t> given);
  /// The means of the next column, one a row, in sixteenths of a value; with a reference tensor in units of
  /// the values themselves.
  std::span<const int16_t> predict();
  /// 16·log2 of the standard deviation that the weights leave in the next column.
  int scale_log() const { return scale_logs_[column_]; }
  /// The next column's values.
  void observe(std::span<const int16_t> values);
  /// Adds the block to the moments, and refits the weights when that is due.
  void end_block();
  /// value − mean in units of the means, for a row of the block, before end_block() or after.
  int16_t residual(size_t row, size_t column) const {
    return residuals_[(options_.given + column) * rows_ + row];
  }
  /// The moments, for a later tensor to start from.
  Moments take_moments() { return std::move(moments_); }

  bool has_weights() const { return fitted_rows_ > 0; }

 private:
  void refit_if_due();
  void start_panel();
  void accumulate();
  void factorize();
  /// What a column's weight multiplies, and how many bits finer than the means the products are.
  const int16_t* inputs(size_t column) const;
  int input_shift() const;
  /// Units of the means in one unit of the values.
  int unit() const { return options_.kind == PredictionKind::kReferenceTensor ? 1 : 16; }
  /// The columns that others are predicted from.
  size_t factors() const {
    return options_.kind == PredictionKind::kReferenceTensor ? options_.given : columns_;
  }

  PredictorOptions options_;
  Moments moments_;
  size_t columns_;                ///< with those given, here and below
  uint64_t fitted_rows_ = 0;      ///< rows in the moments when the weights were fitted
  std::vector<int16_t> weights_;  ///< [columns, columns], strictly lower, in Q14
  std::vector<int> scale_logs_;   ///< [columns]

  size_t rows_ = 0;                 ///< of the block
  size_t column_ = 0;               ///< the next
  std::vector<int16_t> values_;     ///< [columns, rows_]: the block
  std::vector<int16_t> residuals_;  ///< [columns, rows_]: value − mean
  std::vector<uint32_t> sums_;      ///< [kPanel, rows_]: Σ weight · input, of the columns of a panel
  std::vector<int16_t> means_;      ///< [rows_]
};

}  // namespace golf
