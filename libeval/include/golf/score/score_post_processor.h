#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "golf/artifact/base/json.h"
#include "golf/score/token_scores.h"

namespace golf {

/// What may change a model's scores after its pass.
enum class PostProcessorKind { kPaidPrefix, kNgramHashed, kNgramExact, kNgramTilt };

/// One row per post-processor. The legality is printed beside every result that the post-processor took part
/// in.
struct PostProcessorRow {
  PostProcessorKind kind;
  std::string_view name;
  std::string_view legality;
  bool normalized;  ///< the adjusted values are a distribution over the vocabulary at every position
};
inline constexpr std::array kPostProcessors = {
    PostProcessorRow{PostProcessorKind::kPaidPrefix, "paid-prefix",
                     "validation tokens in the artifact: ruled out", false},
    PostProcessorRow{PostProcessorKind::kNgramHashed, "ngram-hashed", "not normalized: ruled out", false},
    PostProcessorRow{PostProcessorKind::kNgramExact, "ngram-exact", "normalized", true},
    PostProcessorRow{PostProcessorKind::kNgramTilt, "ngram-tilt", "normalized", true},
};
constexpr const PostProcessorRow& post_processor_row(PostProcessorKind kind) {
  return kPostProcessors[static_cast<size_t>(kind)];
}

/// One segment of a trace, its losses to be rewritten. The last two are empty when the trace has none.
struct SegmentScores {
  ScoreSegment segment;
  std::span<float> nll_nats;
  std::span<const float> entropy_nats;
  std::span<const float> named_log_p;
};

/// Rewrites a model's losses from what it knows of the tokens before each segment.
///
/// An post-processor belongs to one token stream (the evaluated one, already trimmed), which it borrows.
/// run() is the only way to use it, and what makes every post-processor score first: all of a segment is
/// scored before any of it is learned.
class ScorePostProcessor {
 public:
  virtual ~ScorePostProcessor() = default;

  virtual PostProcessorKind kind() const = 0;
  virtual bool needs_entropy() const { return false; }
  /// A token for each target whose log-probability the scores must carry, or kNoToken; empty: none of them.
  virtual std::span<const int32_t> named_tokens() const { return {}; }

  /// Rewrites the losses of the next windows of the plan, window after window, and the sampled distributions
  /// in the very state in which their losses are scored.
  /// A loss that is not finite stays as it is, so that it cannot be hidden.
  /// @throws Error kMismatch when a segment lies outside the stream or the counts disagree
  void run(TokenScores& scores);

  /// Turns the model's probability of every token at `target` into the adjusted ones, as score() does for
  /// the token that is there. `target` lies in the segment scored last.
  virtual void process_distribution(int64_t target, float entropy_nats,
                                    std::span<double> probabilities) const = 0;

  /// What it was set to and what it did so far, for the report.
  virtual Json facts() const = 0;

 protected:
  explicit ScorePostProcessor(std::span<const uint16_t> stream) : stream_(stream) {}
  std::span<const uint16_t> stream() const { return stream_; }
  int64_t targets() const { return static_cast<int64_t>(stream_.size()) - 1; }
  /// The token that target t stands for.
  uint16_t token_of(int64_t target) const { return stream_[static_cast<size_t>(target) + 1]; }

 private:
  virtual void score(const SegmentScores& scores) = 0;
  /// Takes in the segment that was scored last.
  virtual void learn() {}

  std::span<const uint16_t> stream_;
};

}  // namespace golf
