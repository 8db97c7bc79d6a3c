#pragma once

#include <cstdint>
#include <vector>

#include "golf/artifact/spec/eval_config.h"

// How much an n-gram cache counts against the model at a position.

namespace golf {

/// The cache's weight α at a position where the model's distribution has that entropy, in float32 as PR 993
/// computes it. Source: docs/SUBMISSIONS.md, PR 993, Evaluation.
float cache_weight(const EntropyWeight& weight, float entropy_nats, int64_t vocab_size);

/// The weight of a cache against the model, one for each class of position, found while scoring.
///
/// A class is a triple of what is known before the target: how many contexts the cache matched, the model's
/// entropy, and the probability mass the cache has evidence for. The weight of a class is the mean
/// responsibility w·c / (w·c + (1 − w)·m) that the cache had for its earlier targets (expectation
/// maximisation, one step for each target), with kPriorTargets imagined targets at kPriorWeight before the
/// first. Sums are float64, in the order of the targets.
class LearnedWeight {
 public:
  static constexpr double kPriorWeight = 0.3;
  static constexpr double kPriorTargets = 10;

  explicit LearnedWeight(int max_matches);

  using Class = uint32_t;
  /// @param matches  0 … max_matches  @param mass  0 … 1
  Class classify(int matches, float entropy_nats, double mass) const;
  double at(Class of) const { return sums_[of].responsibility / sums_[of].targets; }
  void learn(Class of, double responsibility) {
    sums_[of].responsibility += responsibility;
    sums_[of].targets += 1;
  }

 private:
  struct Sums {
    double responsibility = kPriorWeight * kPriorTargets;
    double targets = kPriorTargets;
  };
  std::vector<Sums> sums_;
};

}  // namespace golf
