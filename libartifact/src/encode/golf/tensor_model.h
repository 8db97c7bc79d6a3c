#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "encode/golf/distribution.h"
#include "encode/golf/linear_predictor.h"
#include "encode/plane_order.h"

namespace golf {

/// An int8 tensor seen as a matrix: a tensor of rank 2 or more has its first dimension as rows, any other has
/// one column. A transposed view exchanges the two.
struct MatrixView {
  size_t rows = 0;
  size_t columns = 0;

  bool operator==(const MatrixView&) const = default;
};
MatrixView natural_view(const Shape& shape);

/// log2 of the root of each row's sum of squares, in 1/1024; 0 for a row of zeros. `values` in the natural
/// view.
std::vector<int> row_norm_logs(std::span<const int8_t> values, const MatrixView& natural);

/// An earlier row that a row resembles: gain/16 of that row's residual is added to the prediction.
struct RowMatch {
  uint32_t row = 0;
  int8_t gain = 0;  ///< −16 … 15
};
inline constexpr int kMaxRowMatches = 3;

/// The earlier tensor of the stream from whose rows a tensor's rows are predicted.
struct ReferenceTensor {
  int back = 0;             ///< int8 tensors back in the stream; 0: none
  bool transposed = false;  ///< its columns correspond to the tensor's rows
  uint32_t group = 1;       ///< 1 … 1,024: see ReferenceRows
};
inline constexpr int kMaxReferenceBack = 15;
/// Blocks of a tensor with a reference tensor: sums over the rows of larger ones would not fit 32 bits.
inline constexpr int kMaxReferenceBlockLog = 5;

/// Slots in which a stream carries moments from tensor to tensor.
inline constexpr int kStatisticsSlots = 3;

inline constexpr int kMaxOffset = 100;
inline constexpr int8_t kZeroRow = 127;
inline constexpr int kMaxBlockLog = 10;
/// Escape mass of a tensor whose rows have about one value at the limit each, in any column: the absolute
/// maximum from which the row's scale was computed.
inline constexpr int kAbsmaxSymbols = 15;

/// What is sent about an int8 tensor before its values: how their distributions follow from row, column and
/// block. Scales add up as logarithms, in sixteenths of an octave (docs/FORMAT.md).
struct TensorModel {
  MatrixView view = {};  ///< after transposing
  int lowest = 0;        ///< the lowest value and the highest
  int highest = 0;
  bool transposed = false;
  PredictionKind prediction = PredictionKind::kNone;
  int shape = kNormalShape;  ///< of the distribution
  int escape_mass = 0;       ///< of the lowest value and of the highest, in 1/2048, or kAbsmaxSymbols
  int base = 0;              ///< scale index of the whole tensor
  int row_step_log = 0;      ///< 0: rows have no scales; else offsets count 2^row_step_log sixteenths
  int column_step_log = 0;   ///< the same for columns
  int block_log = 0;         ///< rows of a block, as a logarithm
  uint32_t prior_rows = 0;   ///< if predicted, as all that follow
  int refit_shift = 1;
  bool has_row_matches = false;
  int slot = 0;   ///< 1 … kStatisticsSlots: where its moments come from and go to; 0: they are not carried
  int decay = 0;  ///< of the moments it starts from: see Moments::decay
  bool is_reversed = false;  ///< the last row comes first
  ReferenceTensor reference = {};
  int normalization = 0;  ///< with a reference tensor: scale index of rows without an offset, for learning
  int scale_gain =
      0;  ///< with a reference tensor: quarters of its rows' scales that predict these rows' scales
  std::vector<int8_t> row_offsets = {};  ///< kZeroRow: all values of the row are 0
  std::vector<int8_t> column_offsets = {};
  std::vector<int8_t> block_offsets = {};  ///< in sixteenths

  /// Row matches of all rows; those of row r begin at match_starts[r]. Empty without.
  std::vector<RowMatch> row_matches = {};
  std::vector<uint32_t> match_starts = {};

  bool is_constant() const { return lowest == highest; }
  bool is_predicted() const { return prediction != PredictionKind::kNone; }
  bool has_reference() const { return prediction == PredictionKind::kReferenceTensor; }
  bool has_absmax_symbols() const { return escape_mass == kAbsmaxSymbols; }
  bool is_extreme(int value) const { return value == lowest || value == highest; }
  size_t block_rows() const { return size_t{1} << block_log; }
  size_t block_count() const { return (view.rows + block_rows() - 1) >> block_log; }
  /// The rows that a row may match: those of earlier blocks.
  size_t matchable_rows(size_t row) const { return row >> block_log << block_log; }

  /// What the row adds to scale indices; meaningless for a row of zeros.
  int row_part(size_t row) const { return row_step_log == 0 ? 0 : row_offsets[row] * (1 << row_step_log); }
  int column_part(size_t column) const {
    return column_step_log == 0 ? 0 : column_offsets[column] * (1 << column_step_log);
  }
  /// Extra probability of the lowest value and of the highest in a column of a block, each, out of 2^16.
  /// `has_extreme`: whether the tensor's own row had one of them before, in an earlier column, or if
  /// transposed in an earlier block.
  uint32_t escape_mass_at(size_t first_row, size_t column, bool has_extreme) const {
    if (!has_absmax_symbols()) return static_cast<uint32_t>(escape_mass) << 5;
    return absmax_mass_at(first_row, column, has_extreme);
  }
  /// The same for a tensor with absmax symbols, whether this is one or not.
  uint32_t absmax_mass_at(size_t first_row, size_t column, bool has_extreme) const {
    const size_t left = transposed ? view.rows - first_row : view.columns - column;
    return has_extreme ? 0 : static_cast<uint32_t>((size_t{1} << 15) / (left + 1));
  }
};

/// A predicted scale, in sixteenths of an octave, in steps of the row offsets.
inline int predicted_offset(int predicted_log, int step_log) {
  return std::clamp(predicted_log >> step_log, -24, 24);
}

/// For a model whose reference tensor is known: predicted scales of its rows, in sixteenths of an octave, or
/// nothing.
using PredictRowLogs = std::function<std::vector<int>(const TensorModel& model)>;

/// Writes the model of a stream of that method with a RangeEncoder, or reads it with a RangeDecoder; a
/// decoder's `model` comes in empty. The caller checks what was read: fields that contradict each other end
/// the reading early.
/// @throws what the coder throws
template <class Coder>
void code_tensor_model(Coder& coder, int method, const MatrixView& natural, TensorModel& model,
                       const PredictRowLogs& predict_row_logs);

}  // namespace golf
