#include "golf/score/entropy_weight.h"

#include <algorithm>
#include <cmath>

#include "golf/artifact/base/error.h"

namespace golf {

float cache_weight(const EntropyWeight& weight, float entropy_nats, int64_t vocab_size) {
  using Mode = EntropyWeight::Mode;
  const auto low = static_cast<float>(weight.min);
  const auto range = static_cast<float>(weight.max - weight.min);
  switch (weight.mode) {
    case Mode::kSigmoid:
      return low + range / (1.0F + std::exp(-static_cast<float>(weight.scale) *
                                            (entropy_nats - static_cast<float>(weight.center))));
    case Mode::kLinear:
      return low + range * std::clamp(entropy_nats / std::log(static_cast<float>(vocab_size)), 0.0F, 1.0F);
    case Mode::kFixed:
      return static_cast<float>(weight.fixed);
  }
  fail(ErrorCode::kInvalidArgument, "unknown weight mode");
}

}  // namespace golf
