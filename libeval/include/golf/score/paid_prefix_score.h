#pragma once

#include <vector>

#include "golf/score/score_post_processor.h"

namespace golf {

/// PR 262's paid prefix: the artifact carries the first targets of the validation stream, and where it is
/// right the loss is 0. A wrong entry changes nothing. Tokens and bytes of covered targets stay in the
/// denominators; the prefix costs its bytes in the artifact.
/// Source: docs/SUBMISSIONS.md, PR 262, Evaluation.
class PaidPrefixScore : public ScorePostProcessor {
 public:
  /// @param prefix  prefix[t] is the claimed token of target t; may be longer than the stream
  PaidPrefixScore(std::span<const uint16_t> stream, std::vector<uint16_t> prefix);

  PostProcessorKind kind() const override { return PostProcessorKind::kPaidPrefix; }
  void process_distribution(int64_t target, float entropy_nats,
                            std::span<double> probabilities) const override;
  Json facts() const override;

  int64_t checked() const { return checked_; }  ///< scored targets below the prefix's length
  int64_t covered() const { return covered_; }  ///< those of them that the prefix has right

 private:
  void score(const SegmentScores& scores) override;

  std::vector<uint16_t> prefix_;
  int64_t checked_ = 0;
  int64_t covered_ = 0;
};

}  // namespace golf
