#pragma once

#include <cstdint>
#include <vector>

#include "golf/artifact/base/json.h"
#include "golf/score/token_scores.h"

namespace golf {

/// Sums over the vocabulary at the audited positions. 1 everywhere: a probability distribution.
struct NormalizationReport {
  int64_t positions = 0;  ///< a target that is scored several times counts each time
  double mean = 0;
  double min = 0;
  double max = 0;
  double max_deviation = 0;  ///< the largest |sum − 1|
};
Json to_json(const NormalizationReport& report);

/// Sums the distributions that scores carry.
class NormalizationAudit {
 public:
  void look(const TokenScores& scores);
  NormalizationReport report() const;

 private:
  NormalizationReport report_;
  double total_ = 0;
};

/// `count` different targets of [first, first + available), ascending, the same for the same arguments;
/// all of them when there are fewer.
std::vector<int64_t> sample_targets(int64_t first, int64_t available, int64_t count, uint64_t seed = 1);

}  // namespace golf
