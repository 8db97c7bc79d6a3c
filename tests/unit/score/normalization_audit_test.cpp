#include "golf/score/normalization_audit.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace golf {
namespace {

TEST(SampleTargets, AreDifferentSortedAndTheSameEachTime) {
  const std::vector<int64_t> targets = sample_targets(100, 1000, 300);
  EXPECT_EQ(targets.size(), 300U);
  EXPECT_TRUE(std::is_sorted(targets.begin(), targets.end()));
  EXPECT_EQ(std::adjacent_find(targets.begin(), targets.end()), targets.end());
  EXPECT_GE(targets.front(), 100);
  EXPECT_LT(targets.back(), 1100);
  EXPECT_EQ(targets, sample_targets(100, 1000, 300));
  EXPECT_NE(targets, sample_targets(100, 1000, 300, 2));
}

TEST(SampleTargets, AreAllOfThemWhenThereAreFew) {
  EXPECT_EQ(sample_targets(5, 3, 10), (std::vector<int64_t>{5, 6, 7}));
  EXPECT_EQ(sample_targets(5, 0, 10), std::vector<int64_t>{});
}

/// Adds `extra` to the probability of token 0.
class Inflating : public ScoreAdjuster {
 public:
  Inflating(std::span<const uint16_t> stream, double extra) : ScoreAdjuster(stream), extra_(extra) {}
  AdjusterKind kind() const override { return AdjusterKind::kNgramExact; }
  void adjust_distribution(int64_t target, float, std::span<double> p) const override {
    p[0] += extra_ * static_cast<double>(target);
  }

 private:
  void score(const SegmentScores&) override {}
  double extra_;
};

TEST(NormalizationAudit, ReportsMeanMinAndMaxOfTheSums) {
  const std::vector<uint16_t> stream(11);
  Inflating adjuster(stream, 0.5);
  TokenScores scores{.segments = {{0, 4}, {4, 6}}, .nll_nats = std::vector<float>(10)};
  NormalizationAudit audit({1, 9, 3}, 4,
                           [](int64_t, std::span<double> p) { std::fill(p.begin(), p.end(), 0.25); });
  adjuster.run(scores, &audit);
  const NormalizationReport report = audit.report();
  EXPECT_EQ(report.positions, 3);
  EXPECT_DOUBLE_EQ(report.min, 1.5);
  EXPECT_DOUBLE_EQ(report.max, 5.5);
  EXPECT_DOUBLE_EQ(report.mean, (1.5 + 2.5 + 5.5) / 3);
  EXPECT_DOUBLE_EQ(report.max_deviation, 4.5);
}

TEST(NormalizationAudit, LooksAtEachRepetition) {
  const std::vector<uint16_t> stream(11);
  Inflating adjuster(stream, 0);
  TokenScores scores{.segments = {{0, 4}, {2, 2}}, .nll_nats = std::vector<float>(6)};
  NormalizationAudit audit({0, 3}, 2,
                           [](int64_t, std::span<double> p) { std::fill(p.begin(), p.end(), 0.5); });
  adjuster.run(scores, &audit);
  EXPECT_EQ(audit.report().positions, 3);
  EXPECT_EQ(audit.report().max_deviation, 0);
}

}  // namespace
}  // namespace golf
