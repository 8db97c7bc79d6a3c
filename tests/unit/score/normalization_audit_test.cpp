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

TEST(NormalizationAudit, ReportsMeanMinAndMaxOfTheSums) {
  NormalizationAudit audit;
  audit.look({.samples = {{.score = 0, .probabilities = {0.5, 1.0}}, {.score = 3, .probabilities = {2.5}}}});
  audit.look({});
  audit.look({.samples = {{.score = 1, .probabilities = {1.5, 4.0}}}});
  const NormalizationReport report = audit.report();
  EXPECT_EQ(report.positions, 3);
  EXPECT_DOUBLE_EQ(report.min, 1.5);
  EXPECT_DOUBLE_EQ(report.max, 5.5);
  EXPECT_DOUBLE_EQ(report.mean, (1.5 + 2.5 + 5.5) / 3);
  EXPECT_DOUBLE_EQ(report.max_deviation, 4.5);
}

TEST(NormalizationAudit, OfNothingIsZeroes) {
  const NormalizationReport report = NormalizationAudit().report();
  EXPECT_EQ(report.positions, 0);
  EXPECT_EQ(report.mean, 0);
  EXPECT_EQ(report.max_deviation, 0);
}

}  // namespace
}  // namespace golf
