#include "golf/score/cache_weight.h"

#include <algorithm>
#include <cmath>

#include "golf/artifact/base/error.h"

namespace golf {
namespace {

constexpr int kEntropyClasses = 16;  // half a nat wide
constexpr int kMassClasses = 8;

}  // namespace

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

LearnedWeight::LearnedWeight(int max_matches)
    : sums_(static_cast<size_t>((max_matches + 1) * kEntropyClasses * kMassClasses)) {}

LearnedWeight::Class LearnedWeight::classify(int matches, float entropy_nats, double mass) const {
  // Clamped as floating point, so that no value, not even NaN, reaches an undefined conversion.
  const float halves = entropy_nats * 2 < kEntropyClasses - 1 ? std::max(entropy_nats * 2, 0.0F)
                                                              : static_cast<float>(kEntropyClasses - 1);
  const auto mass_class = std::min(static_cast<int>(mass * kMassClasses), kMassClasses - 1);
  return static_cast<Class>((matches * kEntropyClasses + static_cast<int>(halves)) * kMassClasses +
                            mass_class);
}

}  // namespace golf
