#include "golf/score/score_post_processor.h"

#include <fmt/format.h>

#include "golf/artifact/base/error.h"

namespace golf {
namespace {

constexpr bool rows_are_in_order() {
  for (size_t i = 0; i < kPostProcessors.size(); ++i) {
    if (static_cast<size_t>(kPostProcessors[i].kind) != i) return false;
  }
  return true;
}
static_assert(rows_are_in_order(), "post_processor_row() indexes by kind");

}  // namespace

void ScorePostProcessor::run(TokenScores& scores) {
  const std::string_view name = post_processor_row(kind()).name;
  const bool has_entropy = scores.entropy_nats.size() == scores.nll_nats.size();
  if (!has_entropy && (needs_entropy() || !scores.entropy_nats.empty())) {
    fail(ErrorCode::kMismatch,
         fmt::format("{}: the trace has {} losses and {} entropies: score it again with "
                     "entropies",
                     name, scores.size(), scores.entropy_nats.size()));
  }
  const bool has_named = !scores.named_log_p.empty();
  if (has_named ? scores.named_log_p.size() != scores.nll_nats.size()
                : !named_tokens().empty() && scores.size() > 0) {
    fail(ErrorCode::kMismatch,
         fmt::format(
             "{}: the trace has {} losses and {} log-probabilities of named tokens: score it again with "
             "them",
             name, scores.size(), scores.named_log_p.size()));
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
    const auto part_of = [&](bool is_there, const std::vector<float>& values) {
      return is_there ? std::span<const float>(values).subspan(begin, count) : std::span<const float>();
    };
    const SegmentScores part{segment, std::span(scores.nll_nats).subspan(begin, count),
                             part_of(has_entropy, scores.entropy_nats),
                             part_of(has_named, scores.named_log_p)};
    score(part);
    for (; sample != scores.samples.end() && sample->score < used + segment.count; ++sample) {
      const auto i = static_cast<size_t>(sample->score - used);
      process_distribution(segment.first_target + sample->score - used,
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
