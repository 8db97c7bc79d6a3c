#include "encode/golf/scale_fit.h"

#include <algorithm>

#include "encode/golf/distribution.h"
#include "encode/golf/offset_choice.h"

namespace golf {
namespace {

int mean_of(std::span<const int> logs) {
  int64_t sum = 0;
  int64_t count = 0;
  for (const int log : logs) {
    if (log == kZeroLog) continue;
    sum += log;
    ++count;
  }
  return count == 0 ? 0 : static_cast<int>(sum / count);
}

void subtract(std::vector<int>& logs, int amount) {
  for (int& log : logs) log -= log == kZeroLog ? 0 : amount;
}

/// The shape and the plane's scale that suit a sample best.
void fit_shape(const Residuals& residuals, PlaneModel& model, int effort) {
  constexpr size_t kSampleValues = 16'384;
  const size_t stride = std::max<size_t>(1, residuals.rows() * residuals.columns() / kSampleValues);
  const int start = model.base;
  uint64_t least = UINT64_MAX;
  PlaneModel best = model;
  for (int shape = 0; shape < kShapeCount; ++shape) {
    if (effort < 2 && shape != kNormalShape) continue;
    model.shape = shape;
    model.base = start;
    uint64_t here = UINT64_MAX;
    for (int step : {8, 4, 2, 1}) {
      const int center = model.base;
      for (const int base : {center, center - step, center + step}) {
        PlaneModel tried = model;
        tried.base = std::clamp(base, 0, kScaleCount - 1);
        const uint64_t bits = cost_q8(residuals, tried, stride);
        if (bits < here) {
          here = bits;
          model.base = tried.base;
        }
      }
    }
    if (here < least) {
      least = here;
      best = model;
    }
  }
  model = std::move(best);
  if (effort < 2) return;
  for (const int edge : {1, 2, 3, 5, 8, 12}) {
    PlaneModel tried = model;
    tried.edge = edge;
    const uint64_t bits = cost_q8(residuals, tried, stride);
    if (bits >= least) break;
    least = bits;
    model.edge = edge;
  }
  if (effort < kPeakEffort) return;
  for (const int base : {model.base, model.base + 1, model.base + 2, model.base - 1}) {
    PlaneModel tried = model;
    tried.base = std::clamp(base, 0, kScaleCount - 1);
    tried.edge = kPeakEdge;
    const uint64_t bits = cost_q8(residuals, tried, stride);
    if (bits >= least) continue;
    least = bits;
    model = std::move(tried);
  }
}

/// Fits everything but the rows' scales, which prediction from a companion has built upon.
void fit_column_scales(const Residuals& residuals, PlaneModel& model, int effort) {
  std::vector<int> rows(residuals.rows());
  for (size_t r = 0; r < rows.size(); ++r) {
    const bool is_zero = model.row_step_log > 0 && model.row_offsets[r] == kZeroRow;
    rows[r] = is_zero ? kZeroLog : model.row_part(r);
  }
  std::vector<int> columns = residuals.column_logs(rows);
  const int mean = take_mean(columns);
  OffsetChoice choice = choose_offsets(columns, residuals.rows());
  model.column_step_log = choice.step_log;
  model.column_offsets = std::move(choice.offsets);
  model.base = std::clamp(mean + 48, 0, kScaleCount - 1);
  fit_shape(residuals, model, effort);
}

}  // namespace

uint64_t cost_q8(const Residuals& residuals, const PlaneModel& model, size_t stride) {
  const Distribution distribution(model.shape, model.lowest, model.highest, model.has_peaks());
  uint64_t bits = 0;
  for (size_t row = stride / 2; row < residuals.rows(); row += stride) {
    if (model.row_step_log > 0 && model.row_offsets[row] == kZeroRow) continue;
    const size_t block = residuals.block_of(row);
    const int own =
        model.base + model.row_part(row) + (model.is_predicted() ? model.block_offsets[block] : 0);
    const size_t first_row = block << model.block_log;
    bool row_peaked = false;
    for (size_t column = 0; column < residuals.columns(); ++column) {
      const size_t place = residuals.place(row, column);
      const int scale = own + residuals.predicted_log(block, column) + model.column_part(column);
      const bool peaked = model.transposed ? residuals.first_peak(column) < first_row : row_peaked;
      const Prediction at = distribution.expect(residuals.mean(place), std::clamp(scale, 0, kScaleCount - 1),
                                                model.edge_at(first_row, column, peaked));
      const int q = residuals.value(place);
      row_peaked = row_peaked || model.is_peak(q);
      bits += interval_bits_q8(distribution.below(q + 1, at) - distribution.below(q, at));
    }
  }
  return bits;
}

int take_mean(std::vector<int>& logs) {
  const int mean = mean_of(logs);
  subtract(logs, mean);
  return mean;
}

void fit_scales(const Residuals& residuals, PlaneModel& model, int effort) {
  if (model.has_companion()) return fit_column_scales(residuals, model, effort);
  std::vector<int> columns(residuals.columns());
  std::vector<int> rows = residuals.row_logs(columns);
  if (effort >= 2 && residuals.columns() > 1) {
    columns = residuals.column_logs(rows);
    take_mean(columns);
    OffsetChoice choice = choose_offsets(columns, residuals.rows());
    model.column_step_log = choice.step_log;
    model.column_offsets = std::move(choice.offsets);
    if (choice.step_log == 0) std::fill(columns.begin(), columns.end(), 0);
    rows = residuals.row_logs(columns);
  }
  const int base = mean_of(rows);
  model.base = std::clamp(base + 48, 0, kScaleCount - 1);
  if (model.is_predicted()) {
    for (size_t block = 0; block < model.block_count(); ++block) {
      const size_t first = block << model.block_log;
      const size_t count = std::min(model.block_rows(), rows.size() - first);
      const std::span<int> of_block = std::span(rows).subspan(first, count);
      const int offset = std::clamp(mean_of(of_block) - base, -kMaxOffset, kMaxOffset);
      model.block_offsets[block] = static_cast<int8_t>(offset);
      for (int& log : of_block) log -= log == kZeroLog ? 0 : offset;
    }
  }
  subtract(rows, base);
  // With one column a row's scale would say as much as its value.
  if (residuals.columns() >= 8) {
    OffsetChoice choice = choose_offsets(rows, residuals.columns());
    model.row_step_log = choice.step_log;
    model.row_offsets = std::move(choice.offsets);
  }
  fit_shape(residuals, model, effort);
}

}  // namespace golf
