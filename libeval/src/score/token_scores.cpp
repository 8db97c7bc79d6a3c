#include "golf/score/token_scores.h"

namespace golf {

void TokenScores::append(const TokenScores& others) {
  for (const SampledDistribution& sample : others.samples) {
    samples.push_back({size() + sample.score, sample.probabilities});
  }
  segments.insert(segments.end(), others.segments.begin(), others.segments.end());
  nll_nats.insert(nll_nats.end(), others.nll_nats.begin(), others.nll_nats.end());
  entropy_nats.insert(entropy_nats.end(), others.entropy_nats.begin(), others.entropy_nats.end());
}

}  // namespace golf
