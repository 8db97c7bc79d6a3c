#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "encode/golf/moments.h"

namespace golf {

/// How a plane's values are predicted from those to their left. Stored in streams.
enum class PredictionKind : uint8_t {
  kNone = 0,
  kLikeness = 1,  ///< rows resemble each other: samples of a normal distribution whose covariance is learnt
  kOrthogonality =
      2,           ///< rows avoid each other's directions: what is learnt is the inverse of the covariance
  kCompanion = 3,  ///< rows follow from those of an earlier plane: a hidden unit's weights out from those in
};

struct PredictorOptions {
  PredictionKind kind = PredictionKind::kLikeness;
  size_t columns = 0;
  size_t given = 0;         ///< columns of the companion; 0 unless the kind is kCompanion
  uint32_t prior_rows = 0;  ///< how many rows' weight the starting belief, that columns are independent, has
  int patience = 1;  ///< learns again when a 2^patience-th part of the rows is new, or as many rows as of the
                     ///< columns
};

/// Predicts each value of a row from those to its left, or from a companion's row, with weights learnt from
/// the rows of earlier blocks, and of earlier planes where it starts from their moments. Integers only;
/// docs/FORMAT.md gives the arithmetic.
///
/// Use, for every block: begin_block(rows, companion's values); for every column in order: predict(), then
/// observe(); end_block().
class LinearPredictor {
 public:
  static constexpr size_t kMaxColumns = 1024;

  /// `start`: what was learnt before, of as many columns, or nothing.
  LinearPredictor(const PredictorOptions& options, Moments start);

  /// `given`: [options.given, rows].
  void begin_block(size_t rows, std::span<const int16_t> given);
  /// The means of the next column, one a row, in sixteenths; in units of the values themselves if they follow
  /// a companion.
  std::span<const int16_t> predict();
  /// 16·log2 of the standard deviation that the learnt weights leave in the next column.
  int scale_log() const { return scale_logs_[column_]; }
  /// The next column's values.
  void observe(std::span<const int16_t> values);
  /// Learns from the block, now or when enough rows have come together.
  void end_block();
  /// value − mean in units of the means, for a row of the block, before end_block() or after.
  int16_t residual(size_t row, size_t column) const {
    return residuals_[(options_.given + column) * rows_ + row];
  }
  /// Everything learnt, for a later plane to start from.
  Moments take_moments() { return std::move(moments_); }

  /// Whether anything has been learnt.
  bool has_weights() const { return learnt_rows_ > 0; }

 private:
  void learn_if_due();
  void start_panel();
  void accumulate();
  void factorize();
  /// What a column's weight applies to, and how many bits finer than the means the products are.
  const int16_t* inputs(size_t column) const;
  int input_shift() const;
  /// Of a value in means.
  int unit() const { return options_.kind == PredictionKind::kCompanion ? 1 : 16; }
  /// Columns that others are predicted from.
  size_t factors() const { return options_.kind == PredictionKind::kCompanion ? options_.given : columns_; }

  PredictorOptions options_;
  Moments moments_;
  size_t columns_;                ///< with those given, here and below
  uint64_t learnt_rows_ = 0;      ///< rows in the moments when the weights were made
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
