#include "encode/golf/search/residuals.h"

#include <algorithm>
#include <array>

#include "encode/golf/fixed_math.h"
#include "encode/golf/tensor_walk.h"

namespace golf {
namespace {

/// 1/(64·scale²) in Q31, for a scale given as logarithm in sixteenths, from −48.
uint64_t inverse_variance(int scale_log) {
  constexpr size_t kLogs = 400;
  static const std::array<uint64_t, kLogs> table = [] {
    std::array<uint64_t, kLogs> values{};
    for (size_t i = 0; i < kLogs; ++i) values[i] = exp2_negative(uint64_t{i} << 13);
    return values;
  }();
  return table[static_cast<size_t>(std::clamp(scale_log + 48, 0, static_cast<int>(kLogs) - 1))];
}

/// (distance / scale)² in 1/1024; `distance` in sixteenths.
uint64_t relative_square(int64_t distance, int scale_log) {
  return static_cast<uint64_t>(distance * distance) * inverse_variance(scale_log) >> 23;
}

/// Sixteenths of an octave of sqrt(sum / count).
int half_log(uint64_t sum, uint64_t count) {
  return (log2_q16(std::max<uint64_t>(sum, 1)) - log2_q16(std::max<uint64_t>(count, 1)) + (1 << 12)) >> 13;
}

}  // namespace

/// visit(row, column, value − mean in sixteenths, value) for all, in coded order.
template <class Visit>
void Residuals::visit(Visit&& visit) const {
  size_t at = 0;
  for (size_t first = 0; first < rows(); first += model_.block_rows()) {
    const size_t count = std::min(model_.block_rows(), rows() - first);
    for (size_t column = 0; column < columns(); ++column) {
      for (size_t r = 0; r < count; ++r, ++at) {
        visit(first + r, column, int64_t{16 * value(at) - mean(at)}, value(at));
      }
    }
  }
}

Residuals::Residuals(std::span<const int8_t> values, const TensorModel& model, const StreamHistory& history)
    : model_(model) {
  const Int8Values source(values, model);
  values_.reserve(values.size());
  walk_tensor(
      model, history,
      [&](size_t first, size_t count, std::span<int8_t> block) { source.gather(first, count, block); },
      [&](const ColumnStep& step, std::span<const int8_t> column) {
        values_.insert(values_.end(), column.begin(), column.end());
        if (!model_.is_predicted()) return;
        means_.insert(means_.end(), step.means_q4.begin(), step.means_q4.end());
        predicted_logs_.push_back(step.scale);
      },
      [](size_t, size_t, std::span<const int8_t>) {});
  if (!model_.transposed) return;
  first_extremes_.assign(columns(), rows());
  visit([&](size_t row, size_t column, int64_t, int value) {
    if (model_.is_extreme(value)) first_extremes_[column] = std::min(first_extremes_[column], row);
  });
}

std::vector<int> Residuals::row_logs(std::span<const int> column_logs) const {
  std::vector<uint64_t> sums(rows());
  std::vector<bool> has_values(rows());
  visit([&](size_t row, size_t column, int64_t distance, int value) {
    sums[row] += relative_square(distance, predicted_log(block_of(row), column) + column_logs[column]);
    if (value != 0) has_values[row] = true;
  });
  std::vector<int> logs(rows());
  for (size_t r = 0; r < rows(); ++r) {
    logs[r] = has_values[r] ? half_log(sums[r], columns() << 10) : kZeroLog;
  }
  return logs;
}

std::vector<int> Residuals::column_logs(std::span<const int> row_logs) const {
  std::vector<uint64_t> sums(columns());
  const auto used_rows = rows() - static_cast<size_t>(std::count(row_logs.begin(), row_logs.end(), kZeroLog));
  visit([&](size_t row, size_t column, int64_t distance, int) {
    if (row_logs[row] == kZeroLog) return;
    sums[column] += relative_square(distance, predicted_log(block_of(row), column) + row_logs[row]);
  });
  std::vector<int> logs(columns());
  for (size_t c = 0; c < columns(); ++c) logs[c] = half_log(sums[c], used_rows << 10);
  return logs;
}

WhitenedRows Residuals::whitened() const {
  WhitenedRows result{rows(), columns(), std::vector<int16_t>(values_.size()),
                      row_logs(std::vector<int>(columns()))};
  std::replace(result.scale_logs.begin(), result.scale_logs.end(), kZeroLog, 0);
  visit([&](size_t row, size_t column, int64_t distance, int) {
    const int scale = predicted_log(block_of(row), column) + result.scale_logs[row] + 48;
    const int32_t inverse =
        scale_table().inverse_q15[static_cast<size_t>(std::clamp(scale, 0, kScaleCount - 1))];
    result.values[row * columns() + column] =
        static_cast<int16_t>(std::clamp<int64_t>(distance * inverse >> 14, -127, 127));
  });
  return result;
}

}  // namespace golf
