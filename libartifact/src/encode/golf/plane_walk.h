#pragma once

#include <optional>
#include <span>

#include "encode/golf/distribution.h"
#include "encode/golf/linear_predictor.h"
#include "encode/golf/plane_model.h"

namespace golf {

/// One column of a block of rows: what both sides know before its values.
struct ColumnStep {
  size_t first_row = 0;
  size_t rows = 0;
  size_t column = 0;
  std::span<const int16_t> means_q4 = {};  ///< one a row
  int scale = 0;                           ///< without the rows' part
  std::span<const uint8_t> peaked = {};    ///< one a row: whether it has had its lowest or highest value

  /// Where the value of the block's r-th row is expected.
  Prediction prediction(const PlaneModel& model, const Distribution& distribution, size_t r) const {
    return distribution.expect(means_q4[r], row_scale(model, r), model.edge_at(column, peaked[r] != 0));
  }
  /// Scale index of the block's r-th row.
  int row_scale(const PlaneModel& model, size_t r) const {
    const int row =
        model.row_step_log == 0 ? 0 : model.row_offsets[first_row + r] * (1 << model.row_step_log);
    return std::clamp(scale + row, 0, kScaleCount - 1);
  }
  bool is_zero_row(const PlaneModel& model, size_t r) const {
    return model.row_step_log > 0 && model.row_offsets[first_row + r] == kZeroRow;
  }
};

/// A plane's prediction, a block of rows after another: the linear predictor, and on top of it what rows take
/// over from the rows that they refer to.
class PlanePredictor {
 public:
  /// Borrows the model, which must be predicted.
  explicit PlanePredictor(const PlaneModel& model);

  void begin_block(size_t first_row, size_t rows);
  std::span<const int16_t> predict();
  int scale_log() const { return linear_.scale_log(); }
  void observe(std::span<const int8_t> values);
  void end_block();

 private:
  const PlaneModel& model_;
  LinearPredictor linear_;
  size_t first_row_ = 0;
  size_t rows_ = 0;
  size_t column_ = 0;
  std::vector<int16_t> means_;
  std::vector<int16_t> residuals_;  ///< of all rows so far, row-major, if rows refer to others
};

/// Visits a plane in the order in which it is coded: blocks of rows from the top, in each the columns from
/// the left, in each the rows from the top. `visit(step, values)` reads or fills the values of the step.
/// `begin_block` and `end_block` take (first row, rows, values of the block column by column).
template <class BeginBlock, class Visit, class EndBlock>
void walk_plane(const PlaneModel& model, BeginBlock&& begin_block, Visit&& visit, EndBlock&& end_block) {
  const auto [rows, columns] = model.view;
  std::optional<PlanePredictor> predictor;
  if (model.is_predicted()) predictor.emplace(model);
  std::vector<int8_t> block;
  const std::vector<int16_t> no_means(model.block_rows());
  std::vector<uint8_t> peaked;
  for (size_t first = 0; first < rows; first += model.block_rows()) {
    const size_t count = std::min(model.block_rows(), rows - first);
    block.resize(columns * count);
    begin_block(first, count, std::span(block));
    peaked.assign(count, 0);
    if (predictor) predictor->begin_block(first, count);
    const int block_offset = predictor ? model.block_offsets[first >> model.block_log] : 0;
    for (size_t column = 0; column < columns; ++column) {
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
      if (predictor) predictor->observe(values);
    }
    if (predictor) predictor->end_block();
    end_block(first, count, std::span<const int8_t>(block));
  }
}

}  // namespace golf
