#include "encode/golf/tensor_walk.h"

namespace golf {

namespace {

std::optional<ReferenceRows> reference_rows(const TensorModel& model, const StreamHistory& history) {
  if (!model.has_reference()) return std::nullopt;
  return ReferenceRows(*history.reference(model), model);
}

}  // namespace

TensorPredictor::TensorPredictor(const TensorModel& model, const StreamHistory& history)
    : model_(model),
      reference_(reference_rows(model, history)),
      linear_({model.prediction, model.view.columns, given(), model.prior_rows, model.refit_shift},
              history.starting_moments(model, given())) {}

void TensorPredictor::begin_block(size_t first_row, size_t rows) {
  first_row_ = first_row;
  rows_ = rows;
  column_ = 0;
  if (reference_) {
    given_.resize(given() * rows);
    reference_->gather(first_row, rows, given_);
    scales_.resize(rows);
    for (size_t r = 0; r < rows; ++r) {
      scales_[r] = std::clamp(model_.normalization + model_.row_part(first_row + r), 0, kScaleCount - 1);
    }
  }
  linear_.begin_block(rows, given_);
}

std::span<const int16_t> TensorPredictor::predict() {
  const std::span<const int16_t> linear = linear_.predict();
  if (!reference_ && !model_.has_row_matches) return linear;
  means_.assign(linear.begin(), linear.end());
  for (size_t r = 0; reference_ && r < rows_; ++r) {
    const int64_t scale = scale_table().value_q10[static_cast<size_t>(scales_[r])];
    const int64_t mean = (means_[r] * scale + (1 << (kNormalizedUnitLog + 5))) >> (kNormalizedUnitLog + 6);
    means_[r] = static_cast<int16_t>(std::clamp<int64_t>(mean, -2'048, 2'047));
  }
  for (size_t r = 0; model_.has_row_matches && r < rows_; ++r) {
    const size_t end = model_.match_starts[first_row_ + r + 1];
    int32_t taken = 0;
    for (size_t i = model_.match_starts[first_row_ + r]; i < end; ++i) {
      const RowMatch& match = model_.row_matches[i];
      taken += match.gain * residuals_[match.row * model_.view.columns + column_];
    }
    means_[r] = static_cast<int16_t>(std::clamp(means_[r] + ((taken + 8) >> 4), -2'048, 2'047));
  }
  return means_;
}

void TensorPredictor::observe(std::span<const int8_t> values) {
  column_values_.assign(values.begin(), values.end());
  for (size_t r = 0; reference_ && r < rows_; ++r) {
    column_values_[r] = normalized(column_values_[r], scales_[r]);
  }
  linear_.observe(column_values_);
  ++column_;
}

void TensorPredictor::end_block() {
  linear_.end_block();
  if (!model_.has_row_matches) return;
  for (size_t r = 0; r < rows_; ++r) {
    for (size_t c = 0; c < model_.view.columns; ++c) residuals_.push_back(linear_.residual(r, c));
  }
}

}  // namespace golf
