#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "golf/score/score_adjuster.h"

namespace golf {

/// Fills in the model's probability of every token at a target.
using ModelDistribution = std::function<void(int64_t target, std::span<double> probabilities)>;

/// Sums over the vocabulary at the audited positions. 1 everywhere: a probability distribution.
struct NormalizationReport {
  int64_t positions = 0;
  double mean = 0;
  double min = 0;
  double max = 0;
  double max_deviation = 0;  ///< the largest |sum − 1|
};

/// Sums an adjuster's values over the whole vocabulary at sampled targets, in the very state in which they
/// were scored. Handed to ScoreAdjuster::run.
class NormalizationAudit {
 public:
  /// @param targets  where to look; a target that is scored several times is looked at each time
  NormalizationAudit(std::vector<int64_t> targets, int64_t vocab_size, ModelDistribution model);

  /// Called by ScoreAdjuster::run after a segment is scored and before it is learned.
  void look(const ScoreAdjuster& adjuster, const SegmentScores& scores);
  NormalizationReport report() const;

 private:
  std::vector<int64_t> targets_;
  std::vector<double> probabilities_;
  ModelDistribution model_;
  NormalizationReport report_;
  double total_ = 0;
};

/// `count` different targets of [first, first + available), ascending, the same for the same arguments;
/// all of them when there are fewer.
std::vector<int64_t> sample_targets(int64_t first, int64_t available, int64_t count, uint64_t seed = 1);

}  // namespace golf
