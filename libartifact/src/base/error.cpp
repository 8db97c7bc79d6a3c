#include "golf/artifact/base/error.h"

#include <fmt/format.h>

namespace golf {

void fail(ErrorCode code, const std::string& message) { throw Error(code, message); }

void fail_within(std::string_view context, const Error& error) {
  const std::string message = error.what();
  if (message.starts_with(context)) throw error;
  throw Error(error.code(), std::string(context) + ": " + message);
}

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
