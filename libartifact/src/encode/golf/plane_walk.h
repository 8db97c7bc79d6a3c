#pragma once

#include <optional>
#include <span>

#include "encode/golf/distribution.h"
#include "encode/golf/linear_predictor.h"
#include "encode/golf/plane_history.h"
#include "encode/golf/plane_model.h"

namespace golf {

/// One column of a block of rows: what both sides know before its values.
struct ColumnStep {
  size_t first_row = 0;
  size_t rows = 0;
  size_t column = 0;
  std::span<const int16_t> means_q4 = {};  ///< one a row
  int scale = 0;                           ///< without the rows' part
  std::span<const uint8_t> peaked = {};    ///< one a row: see PlaneModel::edge_at

  /// Where the value of the block's r-th row is expected.
  Prediction prediction(const PlaneModel& model, const Distribution& distribution, size_t r) const {
    return distribution.expect(means_q4[r], row_scale(model, r),
                               model.edge_at(first_row, column, peaked[r] != 0));
  }
  /// Scale index of the block's r-th row.
  int row_scale(const PlaneModel& model, size_t r) const {
    return std::clamp(scale + model.row_part(first_row + r), 0, kScaleCount - 1);
  }
  bool is_zero_row(const PlaneModel& model, size_t r) const {
    return model.row_step_log > 0 && model.row_offsets[first_row + r] == kZeroRow;
  }
};

/// A plane's prediction, a block of rows after another: the linear predictor, and on top of it what rows take
/// over from the rows that they refer to.
class PlanePredictor {
 public:
  /// Borrows both. The model must be predicted, and its companion, if it has one, must fit.
  PlanePredictor(const PlaneModel& model, const PlaneHistory& history);

  void begin_block(size_t first_row, size_t rows);
  std::span<const int16_t> predict();
  int scale_log() const {
    const bool is_levelled = companion_ && linear_.has_weights();
    return linear_.scale_log() - (is_levelled ? kLevelUnitLog * kScalesPerOctave : 0);
  }
  void observe(std::span<const int8_t> values);
  void end_block();
  Moments take_moments() { return linear_.take_moments(); }

 private:
  /// Columns of the companion.
  size_t given() const { return companion_ ? companion_->columns() : 0; }

  const PlaneModel& model_;
  std::optional<CompanionRows> companion_;
  LinearPredictor linear_;
  size_t first_row_ = 0;
  size_t rows_ = 0;
  size_t column_ = 0;
  std::vector<int16_t> given_;  ///< the companion's part of the block
  std::vector<int> scales_;     ///< of the block's rows, with a companion
  std::vector<int16_t> column_values_;
  std::vector<int16_t> means_;
  std::vector<int16_t> residuals_;  ///< of all rows so far, row-major, if rows refer to others
};

/// Visits a plane in the order in which it is coded: blocks of rows from the top, in each the columns from
/// the left, in each the rows from the top. `visit(step, values)` reads or fills the values of the step.
/// `begin_block` and `end_block` take (first row, rows, values of the block column by column). Returns what
/// was learnt, if predicted.
template <class BeginBlock, class Visit, class EndBlock>
Moments walk_plane(const PlaneModel& model, const PlaneHistory& history, BeginBlock&& begin_block,
                   Visit&& visit, EndBlock&& end_block) {
  const auto [rows, columns] = model.view;
  std::optional<PlanePredictor> predictor;
  if (model.is_predicted()) predictor.emplace(model, history);
  std::vector<int8_t> block;
  const std::vector<int16_t> no_means(model.block_rows());
  std::vector<uint8_t> peaked;
  std::vector<uint8_t> peaked_columns(model.transposed ? columns : 0);
  for (size_t first = 0; first < rows; first += model.block_rows()) {
    const size_t count = std::min(model.block_rows(), rows - first);
    block.resize(columns * count);
    begin_block(first, count, std::span(block));
    peaked.assign(count, 0);
    if (predictor) predictor->begin_block(first, count);
    const int block_offset = predictor ? model.block_offsets[first >> model.block_log] : 0;
    for (size_t column = 0; column < columns; ++column) {
      if (model.transposed) peaked.assign(count, peaked_columns[column]);
      ColumnStep step{first, count, column, std::span(no_means).first(count), model.base + block_offset,
                      peaked};
      if (predictor) {
        step.means_q4 = predictor->predict();
        step.scale += predictor->scale_log();
      }
      if (model.column_step_log > 0) {
        step.scale += model.column_offsets[column] * (1 << model.column_step_log);
      }
      const std::span values = std::span(block).subspan(column * count, count);
      visit(step, values);
      for (size_t r = 0; r < count; ++r) peaked[r] |= static_cast<uint8_t>(model.is_peak(values[r]));
      if (model.transposed) peaked_columns[column] = *std::max_element(peaked.begin(), peaked.end());
      if (predictor) predictor->observe(values);
    }
    if (predictor) predictor->end_block();
    end_block(first, count, std::span<const int8_t>(block));
  }
  return predictor ? predictor->take_moments() : Moments{};
}

}  // namespace golf
