#pragma once

#include <cstdint>
#include <functional>
#include <vector>

namespace golf {

/// The predictions of one window: targets [first_target, first_target + count). A segment is the unit of
/// backward-looking post-processors: all of it is scored before any of it may be learned from.
struct ScoreSegment {
  int64_t first_target = 0;
  int64_t count = 0;
  bool operator==(const ScoreSegment&) const = default;
};

/// Where no token is named.
inline constexpr int32_t kNoToken = -1;

/// The whole distribution behind one of the scores: what an audit sums.
struct SampledDistribution {
  int64_t score = 0;                       ///< index into nll_nats
  std::vector<double> probabilities = {};  ///< of every token
};

/// What a model's pass over some windows leaves behind: one loss for each scored prediction, in the order of
/// the windows. It is all that comes after needs: bits per byte, loss dumps, and the post-processors (paid
/// prefix, n-gram cache), which run without a model.
struct TokenScores {
  std::vector<ScoreSegment> segments = {};
  std::vector<float> nll_nats = {};      ///< −ln p(target), the segments' one after the other
  std::vector<float> entropy_nats = {};  ///< of each predicted distribution; empty when not asked for
  /// ln p of the token that was named for the target, 0 where none was; empty when none was named at all.
  std::vector<float> named_log_p = {};
  std::vector<SampledDistribution> samples = {};  ///< at the audited targets, in the order of the scores

  int64_t size() const { return static_cast<int64_t>(nll_nats.size()); }
  void append(const TokenScores& others) {
    for (const SampledDistribution& sample : others.samples) {
      samples.push_back({size() + sample.score, sample.probabilities});
    }
    segments.insert(segments.end(), others.segments.begin(), others.segments.end());
    nll_nats.insert(nll_nats.end(), others.nll_nats.begin(), others.nll_nats.end());
    named_log_p.insert(named_log_p.end(), others.named_log_p.begin(), others.named_log_p.end());
    entropy_nats.insert(entropy_nats.end(), others.entropy_nats.begin(), others.entropy_nats.end());
  }
};

/// Receives the scores of consecutive windows, a batch at a time, and may do with them what it likes.
using ScoreSink = std::function<void(TokenScores&)>;

}  // namespace golf
