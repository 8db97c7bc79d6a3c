#pragma once

#include <vector>

#include "golf/artifact/spec/eval_config.h"
#include "golf/score/cache_weight.h"
#include "golf/score/context_trie.h"
#include "golf/score/score_post_processor.h"

namespace golf {

/// A backward-looking n-gram cache that is a probability: exact counts of what was scored so far, smoothed
/// by interpolated Kneser–Ney down to the model itself.
///
/// For the contexts before a target, shortest first, with counts c, their sum C and number N (of the tokens
/// seen there), starting from the model's distribution as q:
///     q(v) ← max(c(v) − D, 0) / C + (D · N / C) · q(v)
/// so each step is a distribution when the one before is, and q(v) = a(v) + b · m(v) for one b. The result
/// is (1 − w) · m(v) + w · q(v), with w from classes of entropy, matched contexts and 1 − b alone
/// (LearnedWeight), learned from segments already scored. All in float64.
///
/// Each target may be scored once: after that the cache knows it.
class ExactNgramCache : public ScorePostProcessor {
 public:
  /// @throws Error kInvalidArgument, see validate
  ExactNgramCache(const ExactCacheConfig& config, std::span<const uint16_t> stream);

  PostProcessorKind kind() const override { return PostProcessorKind::kNgramExact; }
  bool needs_entropy() const override { return true; }
  void process_distribution(int64_t target, float entropy_nats,
                            std::span<double> probabilities) const override;
  Json facts() const override;

  const ContextTrie& trie() const { return trie_; }

 private:
  /// What is known before a target: independent of the target.
  struct Evidence {
    ContextTrie::Contexts contexts;
    int matches = 0;    ///< contexts with counts
    double escape = 1;  ///< b
  };
  struct Lesson {
    LearnedWeight::Class weight_class = 0;
    double responsibility = 0;
    bool valid = false;
  };

  void score(const SegmentScores& scores) override;
  void learn() override;
  Evidence evidence(const ContextTrie::Contexts& contexts) const;
  /// a(token).
  double counted(const Evidence& evidence, uint16_t token) const;
  ContextTrie::Contexts contexts_before(int64_t target) const;

  ExactCacheConfig config_;
  ContextTrie trie_;
  LearnedWeight weight_;
  ScoreSegment segment_ = {};
  std::vector<Lesson> lessons_;                  ///< of the segment
  int64_t learned_until_ = -1;                   ///< targets below it are known or were skipped
  ContextTrie::Contexts learned_contexts_ = {};  ///< before target learned_until_
};

}  // namespace golf
