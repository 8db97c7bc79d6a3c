#pragma once

#include <algorithm>
#include <span>
#include <vector>

#include "golf/score/token_scores.h"

namespace golf::test {

/// Gives `scores` the distribution that model(target, span) writes down, at each of the ascending `targets`.
template <class Model>
void sample(TokenScores& scores, const std::vector<int64_t>& targets, size_t vocab, Model&& model) {
  int64_t used = 0;
  for (const ScoreSegment& segment : scores.segments) {
    for (int64_t i = 0; i < segment.count; ++i) {
      const int64_t target = segment.first_target + i;
      if (!std::binary_search(targets.begin(), targets.end(), target)) continue;
      scores.samples.push_back({used + i, std::vector<double>(vocab)});
      model(target, std::span(scores.samples.back().probabilities));
    }
    used += segment.count;
  }
}

inline void uniform(int64_t /*target*/, std::span<double> p) {
  std::fill(p.begin(), p.end(), 1.0 / static_cast<double>(p.size()));
}

}  // namespace golf::test
