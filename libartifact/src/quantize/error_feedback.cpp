#include "quantize/error_feedback.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "quantize/float_values.h"
#include "quantize/step_grid.h"
#include "quantize/trellis.h"

namespace golf {
namespace {

/// Errors are propagated within a block of columns at once, and to the columns after it when it is done:
/// GPTQ's block size.
constexpr size_t kBlock = 128;

/// target[r] += Σ_k weights[k] · errors[k·rows + r], in the order of k.
void add_errors(std::span<float> target, const float* weights, const float* errors, size_t count) {
  const size_t rows = target.size();
  float* const t = target.data();
  size_t k = 0;
  for (; k + 4 <= count; k += 4) {
    const float *e0 = errors + k * rows, *e1 = e0 + rows, *e2 = e1 + rows, *e3 = e2 + rows;
    const float w0 = weights[k], w1 = weights[k + 1], w2 = weights[k + 2], w3 = weights[k + 3];
    for (size_t r = 0; r < rows; ++r) t[r] = (((t[r] + w0 * e0[r]) + w1 * e1[r]) + w2 * e2[r]) + w3 * e3[r];
  }
  for (; k < count; ++k) {
    for (size_t r = 0; r < rows; ++r) t[r] += weights[k] * errors[k * rows + r];
  }
}

/// The step of each row in one column.
class ColumnSteps {
 public:
  explicit ColumnSteps(const StoredTensor& stored) : per_row_(stored.encoding == Encoding::kIntPerRow) {
    if (per_row_) {
      steps_ = to_f32(stored.scales);
    } else {
      grid_.emplace(stored);
      steps_.resize(grid_->view().rows);
    }
  }
  std::span<const float> of(size_t column) {
    if (per_row_) return steps_;
    for (size_t r = 0; r < steps_.size(); ++r) steps_[r] = grid_->at(r, column);
    return steps_;
  }

 private:
  bool per_row_;
  std::optional<GridSteps> grid_;
  std::vector<float> steps_;
};

void round_column(std::span<const float> targets, std::span<const float> steps, float limit,
                  std::span<int8_t> quantized, std::span<float> decoded) {
  for (size_t r = 0; r < targets.size(); ++r) {
    const float scaled = std::min(std::max(targets[r] / steps[r], -limit), limit);
    const float nearest = round_half_even(scaled);
    quantized[r] = static_cast<int8_t>(nearest);
    decoded[r] = nearest * steps[r];
  }
}

}  // namespace

void quantize_columns(std::span<const float> weights, size_t columns, const HessianFactor* factor,
                      const ColumnQuantizer& quantize, std::span<int8_t> quantized) {
  const size_t rows = columns == 0 ? 0 : weights.size() / columns;
  if (rows == 0) return;
  const auto column_of = [&](size_t step) { return factor == nullptr ? step : factor->order[step]; };
  // Transposed: a column's values side by side, in the order of the steps.
  std::vector<float> targets(weights.size());
  for (size_t step = 0; step < columns; ++step) {
    const size_t column = column_of(step);
    for (size_t r = 0; r < rows; ++r) targets[step * rows + r] = weights[r * columns + column];
  }
  std::vector<float> errors(factor == nullptr ? 0 : std::min(kBlock, columns) * rows);
  std::vector<float> decoded(rows);
  std::vector<int8_t> integers(rows);
  for (size_t first = 0; first < columns; first += kBlock) {
    const size_t last = std::min(first + kBlock, columns);
    for (size_t step = first; step < last; ++step) {
      const std::span<float> target(targets.data() + step * rows, rows);
      if (factor != nullptr) {
        add_errors(target, factor->weights.data() + step * columns + first, errors.data(), step - first);
      }
      const size_t column = column_of(step);
      quantize(column, target, integers, decoded);
      for (size_t r = 0; r < rows; ++r) quantized[r * columns + column] = integers[r];
      if (factor == nullptr) continue;
      float* const error = errors.data() + (step - first) * rows;
      for (size_t r = 0; r < rows; ++r) error[r] = weights[r * columns + column] - decoded[r];
    }
    if (factor == nullptr) continue;
    for (size_t step = last; step < columns; ++step) {
      add_errors({targets.data() + step * rows, rows}, factor->weights.data() + step * columns + first,
                 errors.data(), last - first);
    }
  }
}

void choose_values(std::span<const float> weights, const HessianFactor* factor, StoredTensor& stored) {
  const GridView view = grid_view(stored.values.shape);
  const auto limit = static_cast<float>((1 << (stored.bits - 1)) - 1);
  ColumnSteps steps(stored);
  TrellisEncoder trellis;
  quantize_columns(
      weights, view.columns, factor,
      [&](size_t column, std::span<const float> targets, std::span<int8_t> quantized,
          std::span<float> decoded) {
        if (is_trellis(stored.encoding)) {
          trellis.encode(trellis::code_of(stored.encoding), targets, steps.of(column), quantized, decoded);
        } else {
          round_column(targets, steps.of(column), limit, quantized, decoded);
        }
      },
      stored.values.values<int8_t>());
}

}  // namespace golf
