#pragma once

#include <optional>
#include <span>

#include "encode/golf/stream_history.h"

namespace golf {

/// An int8 tensor's values in the file's order, read or written a block of rows at a time, column by column.
/// Borrows them.
template <class Value>
class BasicInt8Values {
 public:
  BasicInt8Values(std::span<Value> values, const TensorModel& model)
      : values_(values),
        row_stride_(model.transposed ? 1 : model.view.columns),
        column_stride_(model.transposed ? model.view.rows : 1),
        rows_(model.view.rows),
        columns_(model.view.columns),
        is_reversed_(model.is_reversed) {}

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
        for (size_t row = row0; row < row_end; ++row) {
          const size_t own = is_reversed_ ? rows_ - 1 - (first_row + row) : first_row + row;
          move(own * row_stride_ + column * column_stride_, column * rows + row);
        }
      }
    }
  }

  std::span<Value> values_;
  size_t row_stride_;
  size_t column_stride_;
  size_t rows_;
  size_t columns_;
  bool is_reversed_;
};
using Int8Values = BasicInt8Values<const int8_t>;
using MutableInt8Values = BasicInt8Values<int8_t>;

/// One column of a block of rows: what encoder and decoder know before its values.
struct ColumnStep {
  size_t first_row = 0;
  size_t rows = 0;
  size_t column = 0;
  std::span<const int16_t> means_q4 = {};     ///< one a row
  int scale = 0;                              ///< without the rows' part
  std::span<const uint8_t> has_extreme = {};  ///< one a row: see TensorModel::escape_mass_at

  /// Where the value of the block's r-th row is expected.
  Prediction prediction(const TensorModel& model, const Distribution& distribution, size_t r) const {
    return distribution.expect(means_q4[r], row_scale(model, r),
                               model.escape_mass_at(first_row, column, has_extreme[r] != 0));
  }
  /// Scale index of the block's r-th row.
  int row_scale(const TensorModel& model, size_t r) const {
    return std::clamp(scale + model.row_part(first_row + r), 0, kScaleCount - 1);
  }
  bool is_zero_row(const TensorModel& model, size_t r) const {
    return model.row_step_log > 0 && model.row_offsets[first_row + r] == kZeroRow;
  }
};

/// A tensor's prediction, block after block: the linear predictor, and on top of it the row matches.
class TensorPredictor {
 public:
  /// Borrows both. The model must be predicted, and its reference tensor, if it has one, must fit.
  TensorPredictor(const TensorModel& model, const StreamHistory& history);

  void begin_block(size_t first_row, size_t rows);
  /// The means of the next column in sixteenths, one a row.
  std::span<const int16_t> predict();
  /// 16·log2 of the standard deviation that the prediction leaves in the next column.
  int scale_log() const {
    const bool is_normalized = reference_ && linear_.has_weights();
    return linear_.scale_log() - (is_normalized ? kNormalizedUnitLog * kScalesPerOctave : 0);
  }
  void observe(std::span<const int8_t> values);
  void end_block();
  Moments take_moments() { return linear_.take_moments(); }

 private:
  /// Columns of the reference tensor.
  size_t given() const { return reference_ ? reference_->columns() : 0; }

  const TensorModel& model_;
  std::optional<ReferenceRows> reference_;
  LinearPredictor linear_;
  size_t first_row_ = 0;
  size_t rows_ = 0;
  size_t column_ = 0;
  std::vector<int16_t> given_;  ///< the reference tensor's part of the block
  std::vector<int> scales_;     ///< of the block's rows, with a reference tensor
  std::vector<int16_t> column_values_;
  std::vector<int16_t> means_;
  std::vector<int16_t> residuals_;  ///< of all rows so far, row-major, if there are row matches
};

/// Visits a tensor in the order in which it is coded: blocks of rows from the top, in each the columns from
/// the left, in each the rows from the top. `visit(step, values)` reads or fills the values of the step.
/// `begin_block` and `end_block` take (first row, rows, values of the block column by column). Returns the
/// moments, if the tensor is predicted.
template <class BeginBlock, class Visit, class EndBlock>
Moments walk_tensor(const TensorModel& model, const StreamHistory& history, BeginBlock&& begin_block,
                    Visit&& visit, EndBlock&& end_block) {
  const auto [rows, columns] = model.view;
  std::optional<TensorPredictor> predictor;
  if (model.is_predicted()) predictor.emplace(model, history);
  std::vector<int8_t> block;
  const std::vector<int16_t> no_means(model.block_rows());
  std::vector<uint8_t> has_extreme;
  std::vector<uint8_t> extreme_columns(model.transposed ? columns : 0);
  for (size_t first = 0; first < rows; first += model.block_rows()) {
    const size_t count = std::min(model.block_rows(), rows - first);
    block.resize(columns * count);
    begin_block(first, count, std::span(block));
    has_extreme.assign(count, 0);
    if (predictor) predictor->begin_block(first, count);
    const int block_offset = predictor ? model.block_offsets[first >> model.block_log] : 0;
    for (size_t column = 0; column < columns; ++column) {
      if (model.transposed) has_extreme.assign(count, extreme_columns[column]);
      ColumnStep step{first,      count, column, std::span(no_means).first(count), model.base + block_offset,
                      has_extreme};
      if (predictor) {
        step.means_q4 = predictor->predict();
        step.scale += predictor->scale_log();
      }
      step.scale += model.column_part(column);
      const std::span values = std::span(block).subspan(column * count, count);
      visit(step, values);
      for (size_t r = 0; r < count; ++r) has_extreme[r] |= static_cast<uint8_t>(model.is_extreme(values[r]));
      if (model.transposed) extreme_columns[column] = *std::ranges::max_element(has_extreme);
      if (predictor) predictor->observe(values);
    }
    if (predictor) predictor->end_block();
    end_block(first, count, std::span<const int8_t>(block));
  }
  return predictor ? predictor->take_moments() : Moments{};
}

}  // namespace golf
