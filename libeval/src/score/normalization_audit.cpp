#include "golf/score/normalization_audit.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

namespace golf {

Json to_json(const NormalizationReport& report) {
  return Json::object({{"positions", report.positions},
                       {"mean", report.mean},
                       {"min", report.min},
                       {"max", report.max},
                       {"max_deviation", report.max_deviation}});
}

void NormalizationAudit::look(const TokenScores& scores) {
  for (const SampledDistribution& sample : scores.samples) {
    const double sum = std::accumulate(sample.probabilities.begin(), sample.probabilities.end(), 0.0);
    const bool first = report_.positions++ == 0;
    total_ += sum;
    report_.min = first ? sum : std::min(report_.min, sum);
    report_.max = first ? sum : std::max(report_.max, sum);
    report_.max_deviation = std::max(report_.max_deviation, std::abs(sum - 1.0));
  }
}

NormalizationReport NormalizationAudit::report() const {
  NormalizationReport report = report_;
  if (report.positions > 0) report.mean = total_ / static_cast<double>(report.positions);
  return report;
}

std::vector<int64_t> sample_targets(int64_t first, int64_t available, int64_t count, uint64_t seed) {
  // Floyd's way of drawing a subset; the standard fixes what mt19937_64 yields, so samples are portable.
  std::vector<int64_t> chosen;
  std::mt19937_64 random(seed);
  for (int64_t i = std::max<int64_t>(available - count, 0); i < available; ++i) {
    const auto drawn = first + static_cast<int64_t>(random() % static_cast<uint64_t>(i + 1));
    const auto at = std::lower_bound(chosen.begin(), chosen.end(), drawn);
    if (at == chosen.end() || *at != drawn) {
      chosen.insert(at, drawn);
    } else {
      chosen.push_back(first + i);  // larger than all drawn so far
    }
  }
  return chosen;
}

}  // namespace golf
