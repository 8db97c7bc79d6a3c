#include "eval/passes.h"

#include <fmt/format.h>

#include <algorithm>

#include "golf/artifact/base/error.h"

namespace golf {

void require_tokens_below(std::span<const uint16_t> stream, int64_t vocab_size) {
  const auto largest = std::max_element(stream.begin(), stream.end());
  if (*largest >= vocab_size) {
    fail(ErrorCode::kMismatch, fmt::format("token {} at index {} is not below the model's vocabulary of {}",
                                           *largest, largest - stream.begin(), vocab_size));
  }
}

}  // namespace golf
