#include "quantize/grid_values.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "quantize/error_feedback.h"
#include "quantize/rounding.h"
#include "quantize/step_grid.h"
#include "quantize/trellis.h"

namespace golf {
namespace {

/// The step of each row in one column.
class ColumnSteps {
 public:
  explicit ColumnSteps(const StoredTensor& stored) : per_row_(stored.storage == Storage::kIntPerRow) {
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

void choose_values(std::span<const float> weights, const MomentFactor* factor, StoredTensor& stored) {
  const GridView view = grid_view(stored.values.shape);
  const auto limit = static_cast<float>((1 << (stored.bits - 1)) - 1);
  ColumnSteps steps(stored);
  TrellisEncoder trellis;
  quantize_columns(
      weights, view.columns, factor,
      [&](size_t column, std::span<const float> targets, std::span<int8_t> quantized,
          std::span<float> decoded) {
        if (stored.storage == Storage::kTrellis) {
          trellis.encode(targets, steps.of(column), quantized, decoded);
        } else {
          round_column(targets, steps.of(column), limit, quantized, decoded);
        }
      },
      stored.values.values<int8_t>());
}

}  // namespace golf
