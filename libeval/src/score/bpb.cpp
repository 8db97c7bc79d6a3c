#include "golf/score/bpb.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <numbers>

#include "golf/artifact/base/error.h"

namespace golf {

void BpbTotals::add(const TokenScores& scores, std::span<const uint16_t> token_bytes) {
  const auto targets = static_cast<int64_t>(token_bytes.size()) - 1;
  int64_t used = 0;
  for (const ScoreSegment& segment : scores.segments) {
    if (segment.first_target < 0 || segment.count < 0 || segment.first_target > targets ||
        segment.count > targets - segment.first_target || segment.count > scores.size() - used) {
      fail(ErrorCode::kMismatch,
           fmt::format("scores: segment of {} targets from {} does not fit {} targets and {} losses",
                       segment.count, segment.first_target, targets, scores.size()));
    }
    for (int64_t i = 0; i < segment.count; ++i) {
      const int64_t target = segment.first_target + i;
      const float nll = scores.nll_nats[static_cast<size_t>(used + i)];
      if (!std::isfinite(nll) && !first_nonfinite_target) first_nonfinite_target = target;
      loss_nats += nll;
      bytes += token_bytes[static_cast<size_t>(target) + 1];
    }
    used += segment.count;
  }
  if (used != scores.size()) {
    fail(ErrorCode::kMismatch,
         fmt::format("scores: segments hold {} targets, there are {} losses", used, scores.size()));
  }
  tokens += used;
}

void BpbTotals::add(const BpbTotals& others) {
  loss_nats += others.loss_nats;
  tokens += others.tokens;
  bytes += others.bytes;
  if (!first_nonfinite_target) first_nonfinite_target = others.first_nonfinite_target;
}

double BpbTotals::val_loss() const {
  if (tokens == 0) return std::numeric_limits<double>::quiet_NaN();
  return loss_nats / static_cast<double>(tokens);
}

double BpbTotals::val_bpb() const {
  const double bits_per_token = val_loss() / std::numbers::ln2;
  return bits_per_token * (static_cast<double>(tokens) / static_cast<double>(bytes));
}

}  // namespace golf
