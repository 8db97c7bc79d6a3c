#include "golf/score/paid_prefix_score.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace golf {

PaidPrefixScore::PaidPrefixScore(std::span<const uint16_t> stream, std::vector<uint16_t> prefix)
    : ScorePostProcessor(stream), prefix_(std::move(prefix)) {}

void PaidPrefixScore::score(const SegmentScores& scores) {
  const int64_t first = scores.segment.first_target;
  const int64_t count =
      std::clamp<int64_t>(static_cast<int64_t>(prefix_.size()) - first, 0, scores.segment.count);
  for (int64_t i = 0; i < count; ++i) {
    float& nll = scores.nll_nats[static_cast<size_t>(i)];
    if (prefix_[static_cast<size_t>(first + i)] != token_of(first + i)) continue;
    ++covered_;
    if (std::isfinite(nll)) nll = 0;
  }
  checked_ += count;
}

void PaidPrefixScore::process_distribution(int64_t target, float /*entropy_nats*/,
                                           std::span<double> probabilities) const {
  if (target >= static_cast<int64_t>(prefix_.size())) return;
  const size_t token = prefix_[static_cast<size_t>(target)];
  if (token < probabilities.size()) probabilities[token] = 1;
}

Json PaidPrefixScore::facts() const {
  return Json::object({{"tokens", static_cast<int64_t>(prefix_.size())},
                       {"scored_tokens_below", checked_},
                       {"scored_tokens_covered", covered_}});
}

}  // namespace golf
