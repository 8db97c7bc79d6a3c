#include "golf/artifact/base/require.h"

#include <fmt/format.h>

#include "golf/artifact/base/error.h"

namespace golf {

void require(bool holds, std::string_view field, const std::string& problem) {
  if (!holds) fail(ErrorCode::kInvalidArgument, fmt::format("{}: {}", field, problem));
}

void require_range(std::string_view field, int64_t value, int64_t low, int64_t high) {
  require(value >= low && value <= high, field, fmt::format("{} is not between {} and {}", value, low, high));
}

void require_range(std::string_view field, double value, double low, double high) {
  require(value >= low && value <= high, field, fmt::format("{} is not between {} and {}", value, low, high));
}

}  // namespace golf
