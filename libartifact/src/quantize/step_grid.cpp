#include "quantize/step_grid.h"

#include <algorithm>
#include <array>
#include <cmath>

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
  std::vector<uint8_t> states(stored.storage == Storage::kTrellis ? columns : 0, trellis::kFirstState);
  for (size_t row = 0; row < rows; ++row) {
    for (size_t column = 0; column < columns; ++column) {
      const size_t at = row * columns + column;
      int level = quantized[at];
      if (!states.empty()) {
        const int value = level;
        level = trellis::level(states[column], value);
        states[column] = trellis::next(states[column], value);
      }
      weights[at] = static_cast<float>(level) * steps.at(row, column);
    }
  }
  return weights;
}

}  // namespace golf
