#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "golf/artifact/spec/eval_config.h"
#include "golf/artifact/text/tokenized_text.h"
#include "golf/score/bpb.h"
#include "golf/score/ngram_tilt.h"
#include "golf/score/normalization_audit.h"
#include "golf/score/score_post_processor.h"
#include "golf/score/window_plan.h"

namespace golf {

/// What happens to a model's scores after its pass, in the order of the members.
struct PostProcessing {
  std::optional<NgramTiltConfig> ngram_tilt = {};
  std::optional<HashedNgramConfig> ngram_hashed = {};
  std::optional<ExactCacheConfig> ngram_exact = {};
  std::vector<uint16_t> paid_prefix = {};  ///< entry t is the claimed token of target t; empty: none
  int64_t audit_positions = 0;             ///< targets at which the distributions are summed
};
/// Fails before any work on what cannot be carried out over `plan`. @throws Error kInvalidArgument
void check(const PostProcessing& post_processing, const WindowPlan& plan);
/// What a resume file, and several processes of an adapted evaluation, ask of the post-processors: scores
/// that depend on their own target and the text alone. @param option  names the reason
/// @throws Error kInvalidArgument
void require_stateless(const PostProcessing& post_processing, std::string_view option);

/// The score at one stage of an evaluation: the model's own, or that after one more post-processor.
struct ScoreStage {
  std::string name;      ///< "model" or the post-processor's
  std::string legality;  ///< of all that took part so far
  double val_loss = 0;   ///< nats a token
  double val_bpb = 0;
  Json facts = {};  ///< the post-processor's own; null for the model
  std::optional<NormalizationReport> normalization = {};
};
Json to_json(const ScoreStage& stage);

/// The post-processors of one evaluation, one after the other, and the bits per byte after each of them.
/// Takes the scores of consecutive windows a batch at a time and keeps none of them.
class PostProcessorChain {
 public:
  /// @param text  plan.targets() + 1 tokens, borrowed
  /// @throws Error kInvalidArgument, see check
  PostProcessorChain(const PostProcessing& post_processing, const TextView& text, const WindowPlan& plan,
                     int64_t vocab_size);

  bool needs_entropy() const;
  /// A token for each target whose log-probability the scores must carry, or kNoToken; empty: none of them.
  std::span<const int32_t> named_tokens() const;
  /// The targets, ascending, of which the scores must carry the distribution.
  const std::vector<int64_t>& audited_targets() const { return audited_targets_; }

  /// Rewrites the scores of the next windows and adds them up.
  void run(TokenScores& scores);
  /// After the last post-processor.
  const BpbTotals& totals() const { return totals_.back(); }
  /// After each stage, the model's first.
  const std::vector<BpbTotals>& all_totals() const { return totals_; }
  /// Goes on from the totals of an earlier chain with the same post-processors. What they have learned is
  /// not in the totals: only for a chain whose post-processors learn nothing.
  void restore(std::vector<BpbTotals> totals);
  /// The model first.
  std::vector<ScoreStage> stages() const;

 private:
  void add(size_t stage, const TokenScores& scores);

  TextView text_;
  std::vector<std::unique_ptr<ScorePostProcessor>> processors_;
  std::vector<int64_t> audited_targets_;
  std::vector<BpbTotals> totals_;  ///< one a stage, as are the audits
  std::vector<NormalizationAudit> audits_;
};

}  // namespace golf
