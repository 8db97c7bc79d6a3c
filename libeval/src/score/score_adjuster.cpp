#include "golf/score/score_adjuster.h"

#include <fmt/format.h>

#include "golf/artifact/base/error.h"
#include "golf/score/normalization_audit.h"

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

void ScoreAdjuster::run(TokenScores& scores, NormalizationAudit* audit) {
  const std::string_view name = adjuster_row(kind()).name;
  const bool has_entropy = scores.entropy_nats.size() == scores.nll_nats.size();
  if (!has_entropy && (needs_entropy() || !scores.entropy_nats.empty())) {
    fail(ErrorCode::kMismatch,
         fmt::format("{}: the trace has {} losses and {} entropies: score it again with "
                     "entropies",
                     name, scores.size(), scores.entropy_nats.size()));
  }
  int64_t used = 0;
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
    if (audit != nullptr) audit->look(*this, part);
    learn();
    used += segment.count;
  }
  if (used != scores.size()) {
    fail(ErrorCode::kMismatch,
         fmt::format("{}: segments hold {} targets, there are {} losses", name, used, scores.size()));
  }
}

}  // namespace golf
