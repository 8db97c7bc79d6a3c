#include "encode/golf/plane_walk.h"

namespace golf {

PlanePredictor::PlanePredictor(const PlaneModel& model)
    : model_(model), linear_(model.prediction, model.view.columns, model.prior_rows, model.patience) {}

void PlanePredictor::begin_block(size_t first_row, size_t rows) {
  first_row_ = first_row;
  rows_ = rows;
  column_ = 0;
  linear_.begin_block(rows);
}

std::span<const int16_t> PlanePredictor::predict() {
  const std::span<const int16_t> linear = linear_.predict();
  if (!model_.has_references) return linear;
  means_.assign(linear.begin(), linear.end());
  for (size_t r = 0; r < rows_; ++r) {
    const size_t end = model_.reference_starts[first_row_ + r + 1];
    int32_t taken = 0;
    for (size_t i = model_.reference_starts[first_row_ + r]; i < end; ++i) {
      const RowReference& reference = model_.references[i];
      taken += reference.gain * residuals_[reference.row * model_.view.columns + column_];
    }
    means_[r] = static_cast<int16_t>(std::clamp(means_[r] + ((taken + 8) >> 4), -2'048, 2'047));
  }
  return means_;
}

void PlanePredictor::observe(std::span<const int8_t> values) {
  linear_.observe(values);
  ++column_;
}

void PlanePredictor::end_block() {
  linear_.end_block();
  if (!model_.has_references) return;
  for (size_t r = 0; r < rows_; ++r) {
    for (size_t c = 0; c < model_.view.columns; ++c) residuals_.push_back(linear_.residual(r, c));
  }
}

}  // namespace golf
