#include "encode/golf/plane_walk.h"

namespace golf {

namespace {

std::optional<CompanionRows> companion_rows(const PlaneModel& model, const PlaneHistory& history) {
  if (!model.has_companion()) return std::nullopt;
  return CompanionRows(*history.companion(model), model);
}

}  // namespace

PlanePredictor::PlanePredictor(const PlaneModel& model, const PlaneHistory& history)
    : model_(model),
      companion_(companion_rows(model, history)),
      linear_({model.prediction, model.view.columns, given(), model.prior_rows, model.patience},
              history.starting_moments(model, given())) {}

void PlanePredictor::begin_block(size_t first_row, size_t rows) {
  first_row_ = first_row;
  rows_ = rows;
  column_ = 0;
  if (companion_) {
    given_.resize(given() * rows);
    companion_->gather(first_row, rows, given_);
    scales_.resize(rows);
    for (size_t r = 0; r < rows; ++r) {
      scales_[r] = std::clamp(model_.level + model_.row_part(first_row + r), 0, kScaleCount - 1);
    }
  }
  linear_.begin_block(rows, given_);
}

std::span<const int16_t> PlanePredictor::predict() {
  const std::span<const int16_t> linear = linear_.predict();
  if (!companion_ && !model_.has_references) return linear;
  means_.assign(linear.begin(), linear.end());
  for (size_t r = 0; companion_ && r < rows_; ++r) {
    const int64_t scale = scale_table().value_q10[static_cast<size_t>(scales_[r])];
    const int64_t mean = (means_[r] * scale + (1 << (kLevelUnitLog + 5))) >> (kLevelUnitLog + 6);
    means_[r] = static_cast<int16_t>(std::clamp<int64_t>(mean, -2'048, 2'047));
  }
  for (size_t r = 0; model_.has_references && r < rows_; ++r) {
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
  column_values_.assign(values.begin(), values.end());
  for (size_t r = 0; companion_ && r < rows_; ++r) {
    column_values_[r] = levelled(column_values_[r], scales_[r]);
  }
  linear_.observe(column_values_);
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
