#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "golf/score/score_post_processor.h"

namespace golf {

/// Settings of PR 2135's n-gram tilt.
struct NgramTiltConfig {
  int64_t order = 16;      ///< the context is the last order − 1 targets; 0 to 33
  double threshold = 0.8;  ///< the share of a context's occurrences that its most frequent token must have
  double boost = 2.625;    ///< added to that token's logit
};
/// @throws Error kInvalidArgument
void validate(const NgramTiltConfig& config);

/// The most frequent token after a target's context so far, and its share; 0 and 0 when the context is new.
struct NgramHint {
  uint16_t token = 0;
  float probability = 0;
};
/// A hint for each target, from the targets before it alone: contexts of order − 1 targets are told apart by
/// a 64-bit hash of the submission's own making, whose collisions are part of the result. Nothing is reset at
/// a document's end. The submission's history begins with the first target itself, so that the first context
/// counted holds it twice. 16 bytes a target at the peak. Source: docs/SUBMISSIONS.md, PR 2135, Evaluation.
std::vector<NgramHint> ngram_hints(std::span<const uint16_t> targets, int64_t order);

/// Raises the probability of one hinted token where the hint is sure enough, and renormalizes:
/// p'(a) = p(a)·exp(β·[a = hint]) / (1 + p(hint)·(exp(β) − 1)). A probability distribution over the
/// vocabulary. The scores must carry the log-probabilities of hinted_tokens().
class NgramTilt : public ScorePostProcessor {
 public:
  NgramTilt(const NgramTiltConfig& config, std::span<const uint16_t> stream);

  PostProcessorKind kind() const override { return PostProcessorKind::kNgramTilt; }
  /// The token hinted at each target; kNoToken where the hint is not sure enough.
  std::span<const int32_t> named_tokens() const override { return hints_; }
  void process_distribution(int64_t target, float entropy_nats,
                            std::span<double> probabilities) const override;
  Json facts() const override;

 private:
  void score(const SegmentScores& scores) override;

  NgramTiltConfig config_;
  std::vector<int32_t> hints_;
  int64_t gated_ = 0;  ///< targets with a hint
  int64_t hits_ = 0;   ///< those of them where it is right
};

/// −ln p'(target) in float32, operation for operation as PR 2135 computes it.
/// @param hint_log_p  ln p(hint)
float tilted_nll(float nll, float hint_log_p, bool hit, float boost);

}  // namespace golf
