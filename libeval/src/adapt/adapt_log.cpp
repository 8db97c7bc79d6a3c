#include "golf/adapt/adapt_log.h"

namespace golf {

void append_scores(std::vector<ScoredRange>& ranges, const TokenScores& scores, const TextView& text) {
  size_t used = 0;
  for (const ScoreSegment& segment : scores.segments) {
    if (segment.count == 0) continue;
    const bool meets =
        !ranges.empty() && ranges.back().first_target + ranges.back().count == segment.first_target;
    if (!meets) ranges.push_back({.first_target = segment.first_target});
    ScoredRange& range = ranges.back();
    for (int64_t i = 0; i < segment.count; ++i) {
      range.loss_nats += scores.nll_nats[used++];
      range.bytes += text.bytes[static_cast<size_t>(segment.first_target + i + 1)];
    }
    range.count += segment.count;
  }
}

}  // namespace golf
