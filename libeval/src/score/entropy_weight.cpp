#include "golf/score/entropy_weight.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "golf/artifact/base/error.h"

namespace golf {

void EntropyWeight::check(std::string_view owner) const {
  const bool ordered = min >= 0 && min <= max && max <= 1 && fixed >= 0 && fixed <= 1;
  if (!ordered || !(scale > 0) || !std::isfinite(center)) {
    fail(ErrorCode::kInvalidArgument,
         fmt::format("{}: weight min {}, max {}, fixed {}, scale {}, center {}: need 0 ≤ min ≤ max ≤ 1, "
                     "0 ≤ fixed ≤ 1, scale > 0",
                     owner, min, max, fixed, scale, center));
  }
}

float EntropyWeight::at(float entropy_nats, int64_t vocab_size) const {
  const auto low = static_cast<float>(min);
  const auto range = static_cast<float>(max - min);
  switch (mode) {
    case Mode::kSigmoid:
      return low + range / (1.0F + std::exp(-static_cast<float>(scale) *
                                            (entropy_nats - static_cast<float>(center))));
    case Mode::kLinear:
      return low + range * std::clamp(entropy_nats / std::log(static_cast<float>(vocab_size)), 0.0F, 1.0F);
    case Mode::kFixed:
      return static_cast<float>(fixed);
  }
  fail(ErrorCode::kInvalidArgument, "unknown weight mode");
}

}  // namespace golf
