#include "golf/score/score_adjuster.h"

#include <fmt/format.h>

#include "golf/artifact/base/error.h"

namespace golf {
namespace {

constexpr bool rows_are_in_order() {
  for (size_t i = 0; i < kAdjusters.size(); ++i) {
    if (static_cast<size_t>(kAdjusters[i].kind) != i) return false;
  }
  return true;
}
static_assert(rows_are_in_order(), "adjuster_row() indexes by kind");

}  // namespace

void ScoreAdjuster::run(TokenScores& scores) {
  const std::string_view name = adjuster_row(kind()).name;
  const bool has_entropy = scores.entropy_nats.size() == scores.nll_nats.size();
  if (!has_entropy && (needs_entropy() || !scores.entropy_nats.empty())) {
    fail(ErrorCode::kMismatch,
         fmt::format("{}: the trace has {} losses and {} entropies: score it again with "
                     "entropies",
                     name, scores.size(), scores.entropy_nats.size()));
  }
  int64_t used = 0;
  auto sample = scores.samples.begin();
  for (const ScoreSegment& segment : scores.segments) {
    if (segment.first_target < 0 || segment.count < 0 || segment.first_target > targets() ||
        segment.count > targets() - segment.first_target || segment.count > scores.size() - used) {
      fail(ErrorCode::kMismatch,
           fmt::format("{}: segment of {} targets from {} does not fit {} targets and {} losses", name,
                       segment.count, segment.first_target, targets(), scores.size()));
    }
    const auto begin = static_cast<size_t>(used);
    const auto count = static_cast<size_t>(segment.count);
    const SegmentScores part{segment, std::span(scores.nll_nats).subspan(begin, count),
                             has_entropy ? std::span<const float>(scores.entropy_nats).subspan(begin, count)
                                         : std::span<const float>()};
    score(part);
    for (; sample != scores.samples.end() && sample->score < used + segment.count; ++sample) {
      const auto i = static_cast<size_t>(sample->score - used);
      adjust_distribution(segment.first_target + sample->score - used,
                          part.entropy_nats.empty() ? 0.0F : part.entropy_nats[i], sample->probabilities);
    }
    learn();
    used += segment.count;
  }
  if (used != scores.size()) {
    fail(ErrorCode::kMismatch,
         fmt::format("{}: segments hold {} targets, there are {} losses", name, used, scores.size()));
  }
}

}  // namespace golf
