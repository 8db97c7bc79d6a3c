#include "container/row_order.h"

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <numeric>

namespace golf {
namespace {

/// Columns whose distances add up in 16 bits: 128 · 255 < 2^16. A form that compilers vectorize everywhere.
constexpr size_t kBlock = 128;

uint32_t distance(const int8_t* a, const int8_t* b, size_t columns) {
  uint32_t total = 0;
  for (size_t first = 0; first < columns; first += kBlock) {
    const size_t last = std::min(first + kBlock, columns);
    uint16_t sum = 0;
    for (size_t c = first; c < last; ++c) {
      const auto difference = static_cast<int16_t>(a[c] - b[c]);
      sum = static_cast<uint16_t>(sum + static_cast<uint16_t>(difference < 0 ? -difference : difference));
    }
    total += sum;
  }
  return total;
}

}  // namespace

std::vector<uint16_t> similar_row_order(std::span<const int8_t> values, size_t rows) {
  if (rows == 0) return {};
  const size_t columns = values.size() / rows;
  std::vector<uint16_t> left(rows - 1);  // ascending, so that the first of equals is the lowest
  std::iota(left.begin(), left.end(), uint16_t{1});
  std::vector<uint16_t> order = {0};
  order.reserve(rows);
  while (!left.empty()) {
    const int8_t* const last = values.data() + order.back() * columns;
    uint32_t least = std::numeric_limits<uint32_t>::max();
    size_t nearest = 0;
    for (size_t i = 0; i < left.size(); ++i) {
      const uint32_t found = distance(last, values.data() + left[i] * columns, columns);
      if (found < least) least = found, nearest = i;
    }
    order.push_back(left[nearest]);
    left.erase(left.begin() + static_cast<std::ptrdiff_t>(nearest));
  }
  return order;
}

std::vector<int8_t> transposed_rows(std::span<const int8_t> values, size_t rows,
                                    std::span<const uint16_t> order) {
  const size_t columns = rows == 0 ? 0 : values.size() / rows;
  std::vector<int8_t> columns_first(values.size());
  for (size_t k = 0; k < rows; ++k) {
    const int8_t* const row = values.data() + (order.empty() ? k : order[k]) * columns;
    for (size_t c = 0; c < columns; ++c) columns_first[c * rows + k] = row[c];
  }
  return columns_first;
}

bool is_row_order(std::span<const uint16_t> order) {
  std::vector<bool> seen(order.size());
  for (const uint16_t row : order) {
    if (row >= order.size() || seen[row]) return false;
    seen[row] = true;
  }
  return true;
}

}  // namespace golf
