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

void require_window(std::span<const uint16_t> stream, int64_t seq_len, int64_t vocab_size) {
  if (seq_len < 1 || static_cast<int64_t>(stream.size()) < seq_len) {
    fail(ErrorCode::kInvalidArgument,
         fmt::format("{} tokens are less than one window of {}", stream.size(), seq_len));
  }
  require_tokens_below(stream, vocab_size);
}

}  // namespace golf
