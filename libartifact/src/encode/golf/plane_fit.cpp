#include "encode/golf/plane_fit.h"

#include <algorithm>
#include <bit>
#include <numeric>

#include "encode/golf/distribution.h"
#include "encode/golf/fixed_math.h"
#include "encode/golf/offset_choice.h"
#include "encode/golf/plane_walk.h"

namespace golf {
namespace {

/// 1/(64·scale²) in Q31, for a scale given as logarithm in sixteenths, at least −48.
uint64_t inverse_variance(int scale_log) {
  return exp2_negative(static_cast<uint64_t>(std::max(scale_log + 48, 0)) << 13);
}

/// Sixteenths of an octave of sqrt(sum / count).
int half_log(uint64_t sum, uint64_t count) {
  return (log2_q16(std::max<uint64_t>(sum, 1)) - log2_q16(std::max<uint64_t>(count, 1)) + (1 << 12)) >> 13;
}

/// A plane in coded order with everything that its prediction gives, so that scales can be fitted to what is
/// left. Element (row, column) lies at place(row, column).
class Residuals {
 public:
  Residuals(std::span<const int8_t> values, const PlaneModel& model) : model_(model) {
    const PlaneValues source(values, model);
    values_.reserve(values.size());
    walk_plane(
        model,
        [&](size_t first, size_t count, std::span<int8_t> block) { source.gather(first, count, block); },
        [&](const ColumnStep& step, std::span<const int8_t> column) {
          values_.insert(values_.end(), column.begin(), column.end());
          if (!model_.predicted) return;
          means_.insert(means_.end(), step.means_q4.begin(), step.means_q4.end());
          predicted_logs_.push_back(step.scale);
        },
        [](size_t, size_t, std::span<const int8_t>) {});
  }

  size_t rows() const { return model_.view.rows; }
  size_t columns() const { return model_.view.columns; }
  size_t block_of(size_t row) const { return row >> model_.block_log; }
  int value(size_t place) const { return values_[place]; }
  int mean(size_t place) const { return means_.empty() ? 0 : means_[place]; }
  size_t place(size_t row, size_t column) const {
    const size_t first = block_of(row) << model_.block_log;
    const size_t count = std::min(model_.block_rows(), rows() - first);
    return first * columns() + column * count + (row - first);
  }
  /// Logarithm of a column's scale as the prediction has it; 0 without.
  int predicted_log(size_t block, size_t column) const {
    return predicted_logs_.empty() ? 0 : predicted_logs_[block * columns() + column];
  }

  /// For each row the logarithm of the scale that suits it best, given those of the columns.
  std::vector<int> row_logs(std::span<const int> column_logs) const {
    std::vector<uint64_t> sums(rows());
    std::vector<bool> has_values(rows());
    visit([&](size_t row, size_t column, uint64_t square, int value) {
      const int log = predicted_log(block_of(row), column) + column_logs[column];
      sums[row] += square * inverse_[static_cast<size_t>(std::clamp(log + 48, 0, kLogs - 1))] >> 23;
      if (value != 0) has_values[row] = true;
    });
    std::vector<int> logs(rows());
    for (size_t r = 0; r < rows(); ++r) {
      logs[r] = has_values[r] ? half_log(sums[r], columns() << 10) : kZeroLog;
    }
    return logs;
  }

  /// For each column the logarithm of the scale that suits it best, given those of the rows.
  std::vector<int> column_logs(std::span<const int> row_logs) const {
    std::vector<uint64_t> sums(columns());
    uint64_t used_rows = 0;
    for (const int log : row_logs) used_rows += log == kZeroLog ? 0 : 1;
    visit([&](size_t row, size_t column, uint64_t square, int) {
      if (row_logs[row] == kZeroLog) return;
      sums[column] +=
          square * inverse_[static_cast<size_t>(std::clamp(row_logs[row] + 48, 0, kLogs - 1))] >> 23;
    });
    std::vector<int> logs(columns());
    for (size_t c = 0; c < columns(); ++c) logs[c] = half_log(sums[c], used_rows << 10);
    return logs;
  }

 private:
  static constexpr int kLogs = 400;

  template <class Visit>
  void visit(Visit&& visit) const {
    size_t at = 0;
    for (size_t first = 0; first < rows(); first += model_.block_rows()) {
      const size_t count = std::min(model_.block_rows(), rows() - first);
      for (size_t column = 0; column < columns(); ++column) {
        for (size_t r = 0; r < count; ++r, ++at) {
          const int64_t distance = 16 * value(at) - mean(at);
          visit(first + r, column, static_cast<uint64_t>(distance * distance), value(at));
        }
      }
    }
  }

  const PlaneModel& model_;
  std::vector<int8_t> values_;
  std::vector<int16_t> means_;
  std::vector<int> predicted_logs_;
  std::vector<uint64_t> inverse_ = [] {
    std::vector<uint64_t> table(kLogs);
    for (int i = 0; i < kLogs; ++i) table[static_cast<size_t>(i)] = inverse_variance(i - 48);
    return table;
  }();
};

/// The plane's bits under `model`, in 1/256, over every `stride`-th row.
uint64_t cost_q8(const Residuals& residuals, const PlaneModel& model, size_t stride) {
  const Distribution distribution(model.shape, model.lowest, model.highest);
  uint64_t bits = 0;
  for (size_t row = stride / 2; row < residuals.rows(); row += stride) {
    const int row_offset = model.row_step_log > 0 ? model.row_offsets[row] : 0;
    if (model.row_step_log > 0 && row_offset == kZeroRow) continue;
    const size_t block = residuals.block_of(row);
    const int own = model.base + row_offset * (1 << model.row_step_log) +
                    (model.predicted ? model.block_offsets[block] : 0);
    for (size_t column = 0; column < residuals.columns(); ++column) {
      const size_t place = residuals.place(row, column);
      int scale = own + residuals.predicted_log(block, column);
      if (model.column_step_log > 0) scale += model.column_offsets[column] * (1 << model.column_step_log);
      const Prediction at{residuals.mean(place), std::clamp(scale, 0, kScaleCount - 1)};
      const int q = residuals.value(place);
      bits += interval_bits_q8(distribution.below(q + 1, at) - distribution.below(q, at));
    }
  }
  return bits;
}

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
void fit_shape(const Residuals& residuals, PlaneModel& model, bool try_shapes) {
  constexpr size_t kSampleValues = 16'384;
  const size_t stride = std::max<size_t>(1, residuals.rows() * residuals.columns() / kSampleValues);
  const int start = model.base;
  uint64_t least = UINT64_MAX;
  PlaneModel best = model;
  for (int shape = 0; shape < kShapeCount; ++shape) {
    if (!try_shapes && shape != kNormalShape) continue;
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
}

/// Fits everything but the choice between predicted and not.
void fit_scales(const Residuals& residuals, PlaneModel& model, int effort) {
  std::vector<int> columns(residuals.columns());
  std::vector<int> rows = residuals.row_logs(columns);
  if (!model.predicted && effort >= 2 && residuals.columns() > 1) {
    columns = residuals.column_logs(rows);
    subtract(columns, mean_of(columns));
    OffsetChoice choice = choose_offsets(columns, residuals.rows());
    model.column_step_log = choice.step_log;
    model.column_offsets = std::move(choice.offsets);
    if (choice.step_log == 0) std::fill(columns.begin(), columns.end(), 0);
    rows = residuals.row_logs(columns);
  }
  const int base = mean_of(rows);
  model.base = std::clamp(base + 48, 0, kScaleCount - 1);
  if (model.predicted) {
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
  fit_shape(residuals, model, effort >= 2);
}

struct Fit {
  PlaneModel model;
  uint64_t bits_q8 = 0;
};

/// Side information is counted as its entropy would be, near enough to decide.
Fit fit_candidate(std::span<const int8_t> values, PlaneModel model, int effort) {
  if (model.predicted) model.block_offsets.assign(model.block_count(), 0);
  const Residuals residuals(values, model);
  fit_scales(residuals, model, effort);
  const uint64_t bits = cost_q8(residuals, model, 1);
  return {std::move(model), bits};
}

}  // namespace

PlaneModel fit_plane(std::span<const int8_t> values, const PlaneView& natural, const FitOptions& options) {
  const auto [least, greatest] = std::minmax_element(values.begin(), values.end());
  PlaneModel model{.view = natural, .lowest = *least, .highest = *greatest};
  if (model.is_constant()) return model;
  // Tall rather than wide: rows fill the lanes, and the predictor learns from many rows about few columns.
  model.transposed = natural.columns > natural.rows;
  if (model.transposed) std::swap(model.view.rows, model.view.columns);
  model.block_log = options.max_block_log;
  Fit best = fit_candidate(values, model, options.effort);

  const auto [rows, columns] = model.view;
  if (options.effort < 3 || columns < 8 || columns > LinearPredictor::kMaxColumns) {
    return best.model;
  }
  model.predicted = true;
  model.prior_rows = static_cast<uint32_t>(columns);
  // Blocks small enough to begin early, large enough to keep the lanes busy.
  model.block_log = std::min(options.max_block_log, static_cast<int>(std::bit_width(rows / 64)));
  Fit predicted = fit_candidate(values, model, options.effort);
  // Predicting takes four times as long to decode: at this effort it must pay.
  const uint64_t limit = best.bits_q8 - best.bits_q8 / 64;
  return predicted.bits_q8 < limit ? predicted.model : best.model;
}

}  // namespace golf
