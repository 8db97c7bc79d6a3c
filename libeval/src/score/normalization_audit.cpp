#include "golf/score/normalization_audit.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <random>
#include <utility>

namespace golf {

NormalizationAudit::NormalizationAudit(std::vector<int64_t> targets, int64_t vocab_size,
                                       ModelDistribution model)
    : targets_(std::move(targets)),
      probabilities_(static_cast<size_t>(vocab_size)),
      model_(std::move(model)),
      report_{.min = std::numeric_limits<double>::infinity(),
              .max = -std::numeric_limits<double>::infinity()} {
  std::sort(targets_.begin(), targets_.end());
}

void NormalizationAudit::look(const ScoreAdjuster& adjuster, const SegmentScores& scores) {
  const int64_t first = scores.segment.first_target;
  const int64_t end = first + scores.segment.count;
  for (auto it = std::lower_bound(targets_.begin(), targets_.end(), first); it != targets_.end() && *it < end;
       ++it) {
    model_(*it, probabilities_);
    const float entropy =
        scores.entropy_nats.empty() ? 0.0F : scores.entropy_nats[static_cast<size_t>(*it - first)];
    adjuster.adjust_distribution(*it, entropy, probabilities_);
    const double sum = std::accumulate(probabilities_.begin(), probabilities_.end(), 0.0);
    ++report_.positions;
    total_ += sum;
    report_.min = std::min(report_.min, sum);
    report_.max = std::max(report_.max, sum);
    report_.max_deviation = std::max(report_.max_deviation, std::abs(sum - 1.0));
  }
}

NormalizationReport NormalizationAudit::report() const {
  if (report_.positions == 0) return {};
  NormalizationReport report = report_;
  report.mean = total_ / static_cast<double>(report.positions);
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
