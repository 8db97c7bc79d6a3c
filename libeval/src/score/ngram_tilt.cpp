#include "golf/score/ngram_tilt.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "golf/artifact/base/error.h"

namespace golf {
namespace {

constexpr std::array<uint64_t, 32> kCoefficients = {
    36313,   27191,   51647,   81929,   131071,  196613,  262147,  393241,  524309,  655373,  786433,
    917521,  1048583, 1179653, 1310729, 1441801, 1572869, 1703941, 1835017, 1966087, 2097169, 2228243,
    2359319, 2490389, 2621471, 2752549, 2883617, 3014687, 3145757, 3276833, 3407903, 3538973};
constexpr uint64_t kPairFactor = 1'000'003;
constexpr int64_t kHighestOrder = static_cast<int64_t>(kCoefficients.size()) + 1;

/// Something that happened at a target: a context, or a context with the token after it.
struct Event {
  uint64_t key;
  uint32_t at;
};

/// Groups of equal keys, each in the order of the targets.
void group(std::vector<Event>& events) {
  std::sort(events.begin(), events.end(),
            [](const Event& a, const Event& b) { return a.key != b.key ? a.key < b.key : a.at < b.at; });
}

/// Calls use(first, end) for each group.
template <class Use>
void for_each_group(const std::vector<Event>& events, const Use& use) {
  for (size_t first = 0; first < events.size();) {
    size_t end = first + 1;
    while (end < events.size() && events[end].key == events[first].key) ++end;
    use(first, end);
    first = end;
  }
}

/// Hash of the context before target i: the L targets before it, the oldest first. The history begins with
/// the first target, before anything is pushed to it.
uint64_t context_key(std::span<const uint16_t> targets, int64_t i, int64_t length) {
  uint64_t key = 0;
  for (int64_t j = 0; j < length; ++j) {
    const int64_t at = std::max<int64_t>(i - length + j, 0);
    key ^= targets[static_cast<size_t>(at)] * kCoefficients[static_cast<size_t>(j)];
  }
  return key;
}

}  // namespace

void validate(const NgramTiltConfig& config) {
  if (config.order < 0 || config.order > kHighestOrder) {
    fail(ErrorCode::kInvalidArgument,
         fmt::format("n-gram tilt: order {}: must lie between 0 and {}", config.order, kHighestOrder));
  }
  if (!(config.threshold > 0 && std::isfinite(config.threshold))) {
    fail(ErrorCode::kInvalidArgument,
         fmt::format("n-gram tilt: threshold {}: must be above 0", config.threshold));
  }
  if (!std::isfinite(config.boost)) {
    fail(ErrorCode::kInvalidArgument, fmt::format("n-gram tilt: boost {}: must be finite", config.boost));
  }
}

std::vector<NgramHint> ngram_hints(std::span<const uint16_t> targets, int64_t order) {
  const int64_t length = std::max<int64_t>(order - 1, 0);
  const auto count = static_cast<int64_t>(targets.size());
  std::vector<NgramHint> hints(targets.size());
  // The history holds one target too many at the start, so the first full context is that of target L − 1.
  const int64_t first = std::max<int64_t>(length - 1, 0);
  if (first >= count) return hints;

  // How often the pair of context and target has been seen, this time included.
  std::vector<uint32_t> pair_counts(targets.size());
  std::vector<Event> events(static_cast<size_t>(count - first));
  const uint64_t next_coefficient = kCoefficients[static_cast<size_t>(length) % kCoefficients.size()];
  for (int64_t i = first; i < count; ++i) {
    const uint64_t target = targets[static_cast<size_t>(i)];
    const uint64_t pair = (context_key(targets, i, length) * kPairFactor) ^ (target * next_coefficient);
    events[static_cast<size_t>(i - first)] = {pair, static_cast<uint32_t>(i)};
  }
  group(events);
  for_each_group(events, [&](size_t begin, size_t end) {
    for (size_t e = begin; e < end; ++e) pair_counts[events[e].at] = static_cast<uint32_t>(e - begin + 1);
  });

  // In a context's group each target is given a hint before it is counted.
  for (int64_t i = first; i < count; ++i) {
    events[static_cast<size_t>(i - first)] = {context_key(targets, i, length), static_cast<uint32_t>(i)};
  }
  group(events);
  for_each_group(events, [&](size_t begin, size_t end) {
    uint32_t top = pair_counts[events[begin].at];
    uint16_t token = targets[events[begin].at];
    for (size_t e = begin + 1; e < end; ++e) {
      const uint32_t at = events[e].at;
      hints[at] = {token, static_cast<float>(top) / static_cast<float>(e - begin)};
      if (pair_counts[at] > top) {
        top = pair_counts[at];
        token = targets[at];
      }
    }
  });
  return hints;
}

float tilted_nll(float nll, float hint_log_p, bool hit, float boost) {
  const float q = std::exp(std::min(hint_log_p, 0.0F));
  const float z = std::log1p(q * std::expm1(boost));
  return (nll - (hit ? boost : 0.0F)) + z;
}

NgramTilt::NgramTilt(const NgramTiltConfig& config, std::span<const uint16_t> stream)
    : ScorePostProcessor(stream), config_(config) {
  validate(config);
  const auto gate = static_cast<float>(config.threshold);
  const std::vector<NgramHint> hints = ngram_hints(stream.subspan(1), config.order);
  hints_.assign(hints.size(), kNoToken);
  for (size_t target = 0; target < hints.size(); ++target) {
    if (!(hints[target].probability >= gate)) continue;
    hints_[target] = hints[target].token;
    ++gated_;
    if (hints[target].token == token_of(static_cast<int64_t>(target))) ++hits_;
  }
}

void NgramTilt::score(const SegmentScores& scores) {
  const auto boost = static_cast<float>(config_.boost);
  for (int64_t i = 0; i < scores.segment.count; ++i) {
    const int64_t target = scores.segment.first_target + i;
    const int32_t hint = hints_[static_cast<size_t>(target)];
    float& nll = scores.nll_nats[static_cast<size_t>(i)];
    if (hint == kNoToken || !std::isfinite(nll)) continue;
    nll = tilted_nll(nll, scores.named_log_p[static_cast<size_t>(i)], hint == token_of(target), boost);
  }
}

void NgramTilt::process_distribution(int64_t target, float /*entropy_nats*/,
                                     std::span<double> probabilities) const {
  const int32_t hint = hints_[static_cast<size_t>(target)];
  if (hint == kNoToken) return;
  const double boost = static_cast<float>(config_.boost);
  double& p = probabilities[static_cast<size_t>(hint)];
  const double z = 1 + p * std::expm1(boost);
  p *= std::exp(boost);
  for (double& probability : probabilities) probability /= z;
}

Json NgramTilt::facts() const {
  return Json::object({{"order", config_.order},
                       {"threshold", config_.threshold},
                       {"boost", config_.boost},
                       {"targets", static_cast<int64_t>(hints_.size())},
                       {"gated", gated_},
                       {"hits", hits_}});
}

}  // namespace golf
