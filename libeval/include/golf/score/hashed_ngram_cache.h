#pragma once

#include <vector>

#include "golf/artifact/spec/eval_config.h"
#include "golf/score/ngram_table.h"
#include "golf/score/score_post_processor.h"

namespace golf {

/// PR 993's hashed n-gram cache over a model's scores, as published. The longest context seen often enough
/// gives r = min(full / context, 1), and with α from the model's entropy p becomes (1 − α) p + α r.
///
/// r is not a probability: only the true token's is looked at, and contexts and full n-grams collide
/// independently, so over the vocabulary they do not sum to 1. Fewer buckets improve the score.
/// Counts are uint32, α and 1 − α float32, mixing and logarithm float64, p is clipped to [1e-12, 1].
/// Source: docs/SUBMISSIONS.md, PR 993, Evaluation.
class HashedNgramCache : public ScorePostProcessor {
 public:
  /// @param windows  how many windows the plan has: rank r of W has those from floor(windows · r / W) on
  /// @throws Error kInvalidArgument (see validate; more shards than windows)
  HashedNgramCache(const HashedNgramConfig& config, std::span<const uint16_t> stream, int64_t windows,
                   int64_t vocab_size);

  PostProcessorKind kind() const override { return PostProcessorKind::kNgramHashed; }
  bool needs_entropy() const override { return config_.weight.mode != EntropyWeight::Mode::kFixed; }
  void process_distribution(int64_t target, float entropy_nats,
                            std::span<double> probabilities) const override;
  Json facts() const override;

  /// hits()[n]: how many predictions order n took part in; hits()[0]: how many had no match.
  const std::vector<int64_t>& hits() const { return hits_; }
  const NgramTable& table() const { return table_; }

 private:
  void score(const SegmentScores& scores) override;
  void learn() override { table_.add_run(); }

  HashedNgramConfig config_;
  int64_t windows_;
  int64_t vocab_size_;
  NgramTable table_;
  std::vector<int64_t> hits_;
  int64_t windows_done_ = 0;
  int64_t shard_ = 0;
  int64_t run_first_target_ = 0;
};

}  // namespace golf
