#include "quantize/step_grid.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

#include "golf/artifact/base/error.h"
#include "quantize/trellis.h"

namespace golf {
namespace {

constexpr int kStepsPerOctave = 8;
constexpr std::array<float, kStepsPerOctave> kRoots = {1.0F,
                                                       9147842.0F / 8388608.0F,
                                                       9975792.0F / 8388608.0F,
                                                       10878679.0F / 8388608.0F,
                                                       11863283.0F / 8388608.0F,
                                                       12937002.0F / 8388608.0F,
                                                       14107901.0F / 8388608.0F,
                                                       15384775.0F / 8388608.0F};

std::vector<float> factors(std::span<const int8_t> offsets) {
  std::vector<float> result(offsets.size());
  std::transform(offsets.begin(), offsets.end(), result.begin(), offset_factor);
  return result;
}

}  // namespace

float offset_factor(int8_t offset) {
  const int octave = offset >> 3;
  return std::ldexp(kRoots[static_cast<size_t>(offset - octave * kStepsPerOctave)], octave);
}

int8_t nearest_offset(double factor, int limit) {
  const double eighths = std::nearbyint(kStepsPerOctave * std::log2(factor));
  return static_cast<int8_t>(std::clamp(eighths, -static_cast<double>(limit), static_cast<double>(limit)));
}

GridView grid_view(const Shape& shape) {
  if (shape.size() != 2) return {static_cast<size_t>(element_count(shape)), 1};
  return {static_cast<size_t>(shape[0]), static_cast<size_t>(shape[1])};
}

GridSteps::GridSteps(const StoredTensor& stored)
    : view_(grid_view(stored.values.shape)), step_(stored.grid.step) {
  std::span<const int8_t> offsets = stored.scales.values<int8_t>();
  if (stored.grid.row_offsets) {
    rows_ = factors(offsets.first(view_.rows));
    for (float& factor : rows_) factor *= step_;
    offsets = offsets.subspan(view_.rows);
  }
  if (stored.grid.column_offsets) columns_ = factors(offsets);
}

Shape offsets_shape(const StepGrid& grid, const Shape& values) {
  int64_t count = 0;
  if (grid.row_offsets) count += values[0];
  if (grid.column_offsets) count += values[1];
  return {count};
}

std::vector<float> restore_grid(const StoredTensor& stored) {
  const GridSteps steps(stored);
  const auto [rows, columns] = steps.view();
  const auto quantized = stored.values.values<int8_t>();
  std::vector<float> weights(quantized.size());
  if (weights.empty()) return weights;
  std::vector<uint8_t> states(is_trellis(stored.encoding) ? columns : 0, trellis::kFirstState);
  const trellis::Code& code = trellis::code_of(stored.encoding);
  for (size_t row = 0; row < rows; ++row) {
    for (size_t column = 0; column < columns; ++column) {
      const size_t at = row * columns + column;
      int level = quantized[at];
      if (!states.empty()) {
        const int value = level;
        level = trellis::level(states[column], value);
        states[column] = trellis::next(code, states[column], value);
      }
      weights[at] = static_cast<float>(level) * steps.at(row, column);
    }
  }
  return weights;
}

namespace {

constexpr int kBits = 8;
constexpr double kLargestInteger = 127.0;
/// Error feedback moves values: rows use only this share of the range without it.
constexpr double kShareForFeedback = 0.85;

/// The offsets of rows or columns, their logarithms' mean zero but for rounding.
std::vector<int8_t> offsets_for(std::span<const double> weights) {
  if (weights.empty()) return {};
  double mean_log = 0.0;
  for (const double weight : weights) mean_log += std::log2(weight);
  mean_log /= static_cast<double>(weights.size());
  std::vector<int8_t> offsets(weights.size());
  std::transform(weights.begin(), weights.end(), offsets.begin(), [&](double weight) {
    return nearest_offset(std::exp2((mean_log - std::log2(weight)) / 2));
  });
  return offsets;
}

void set_offsets(StoredTensor& stored, std::span<const int8_t> rows, std::span<const int8_t> columns) {
  std::vector<int8_t> all(rows.begin(), rows.end());
  all.insert(all.end(), columns.begin(), columns.end());
  stored.grid.row_offsets = !rows.empty();
  stored.grid.column_offsets = !columns.empty();
  stored.scales = make_tensor<int8_t>(DType::kI8, {static_cast<int64_t>(all.size())}, all);
}

/// Column offsets that leave room for the columns' own weights: where root mean squares are more than a
/// quarter of `limit` steps, the steps are made larger. If the rows' steps grew instead, a few columns
/// with small steps would coarsen all others.
std::vector<int8_t> within_reach(std::vector<int8_t> columns, std::span<const float> weights,
                                 const GridSteps& steps, double limit) {
  constexpr double kUsualReach = 4.0;
  const size_t rows = steps.view().rows;
  for (size_t c = 0; c < columns.size(); ++c) {
    double sum = 0.0;
    for (size_t r = 0; r < rows; ++r) {
      const double value = static_cast<double>(weights[r * columns.size() + c]) / steps.at(r, c);
      sum += value * value;
    }
    const double excess = kUsualReach * std::sqrt(sum / static_cast<double>(rows)) / limit;
    if (excess > 1.0) columns[c] = nearest_offset(static_cast<double>(offset_factor(columns[c])) * excess);
  }
  return columns;
}

/// For each row its largest magnitude in units of `limit` steps of the grid.
std::vector<double> row_excess(std::span<const float> weights, const GridSteps& steps, double limit) {
  const auto [rows, columns] = steps.view();
  std::vector<double> excess(rows);
  for (size_t r = 0; r < rows; ++r) {
    for (size_t c = 0; c < columns; ++c) {
      const double reach = std::fabs(static_cast<double>(weights[r * columns + c])) / steps.at(r, c);
      excess[r] = std::max(excess[r], reach / limit);
    }
  }
  return excess;
}

}  // namespace

StoredTensor make_grid(const Tensor& original, std::span<const float> weights, const GridChoice& choice) {
  StoredTensor stored{.encoding = choice.encoding, .bits = kBits, .original_dtype = original.dtype};
  stored.values = make_tensor(DType::kI8, original.shape);
  const bool trellis = is_trellis(choice.encoding);
  stored.grid.step = static_cast<float>(trellis ? choice.step_size / 2 : choice.step_size);
  if (!std::isnormal(stored.grid.step) || stored.grid.step < 0) {
    fail(ErrorCode::kUnsupported, fmt::format("the step {} does not fit in float32", choice.step_size));
  }
  std::vector<int8_t> rows = offsets_for(choice.row_weights);
  std::vector<int8_t> columns = offsets_for(choice.column_weights);
  set_offsets(stored, rows, columns);
  if (weights.empty()) return stored;

  // The levels 2q and 2q + 1 of a trellis reach from −252 to 252 in every state.
  const double limit = (trellis ? 252.0 : kLargestInteger) * (choice.feedback ? kShareForFeedback : 1.0);
  if (!columns.empty()) {
    columns = within_reach(std::move(columns), weights, GridSteps(stored), limit);
    set_offsets(stored, rows, columns);
  }
  const std::vector<double> excess = row_excess(weights, GridSteps(stored), limit);
  const double largest = *std::max_element(excess.begin(), excess.end());
  if (largest <= 1.0) return stored;
  if (original.rank() != 2) {
    stored.grid.step *= static_cast<float>(largest * (1 + 1e-6));
    return stored;
  }
  rows.resize(excess.size());
  for (size_t r = 0; r < rows.size(); ++r) {
    if (excess[r] <= 1.0) continue;
    const double factor = static_cast<double>(offset_factor(rows[r])) * excess[r];
    rows[r] = nearest_offset(factor);
    if (static_cast<double>(offset_factor(rows[r])) < factor) {
      if (rows[r] == std::numeric_limits<int8_t>::max()) {
        fail(ErrorCode::kUnsupported,
             fmt::format("row {} reaches {:.3g} times as far as the step allows: use fp16 or a larger step",
                         r, excess[r]));
      }
      ++rows[r];
    }
  }
  set_offsets(stored, rows, columns);
  return stored;
}

}  // namespace golf
