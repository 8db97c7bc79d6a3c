#include "encode/golf/plane_model.h"

#include "encode/golf/fixed_math.h"

namespace golf {

PlaneView natural_view(const Shape& shape) {
  const auto elements = static_cast<size_t>(element_count(shape));
  if (shape.size() < 2 || elements == 0) return {elements, 1};
  const auto rows = static_cast<size_t>(shape[0]);
  return {rows, elements / rows};
}

std::vector<int> row_norm_logs(std::span<const int8_t> values, const PlaneView& natural) {
  std::vector<int> logs(natural.rows);
  for (size_t r = 0; r < natural.rows; ++r) {
    uint64_t sum = 0;
    for (const int8_t value : values.subspan(r * natural.columns, natural.columns)) {
      sum += static_cast<uint64_t>(value * value);
    }
    if (sum > 0) logs[r] = log2_q16(sum) >> 7;
  }
  return logs;
}

}  // namespace golf
