#include "golf/score/learned_weight.h"

#include <algorithm>

namespace golf {
namespace {

constexpr int kEntropyClasses = 16;  // half a nat wide
constexpr int kMassClasses = 8;

}  // namespace

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
