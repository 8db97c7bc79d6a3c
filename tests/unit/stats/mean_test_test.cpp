#include "golf/stats/mean_test.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "support/error_matchers.h"

namespace golf {
namespace {

ScoreSample sample(const std::vector<double>& scores) { return summarize_scores(scores); }

/// Source: Student, The probable error of a mean (1908), the hours of sleep that R ships as `sleep`;
/// t.test(extra ~ group) gives t = -1.8608, df = 17.776, p = 0.07939 on two sides, and the interval
/// -3.3654832 to 0.2054832.
TEST(MeanTest, GivesWhatRGivesForStudentsSleepData) {
  const ScoreSample first = sample({0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0});
  const ScoreSample second = sample({1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4});
  const MeanTest test = test_lower_mean(first, second, 0);
  EXPECT_NEAR(test.t, 1.8608, 5e-5);
  EXPECT_NEAR(test.degrees, 17.776, 5e-4);
  EXPECT_NEAR(test.p, 0.07939 / 2, 5e-6);
  EXPECT_NEAR(test.low, -0.2054832, 1e-7);
  EXPECT_NEAR(test.high, 3.3654832, 1e-7);
}

/// Source: openai/parameter-golf PR 88, README.md and logs: three seeds against the baseline's one run,
/// "t-statistic: −56.84, p-value: 0.00015"; it takes the losses to four digits and no margin.
TEST(MeanTest, GivesThePublishedFiguresOfPr88) {
  const ScoreSample seeds = sample({1.9594, 1.9661, 1.9628});
  const MeanTest test = test_lower_mean(seeds, sample({2.0727}), 0);
  EXPECT_NEAR(test.t, 56.84, 0.005);
  EXPECT_EQ(test.degrees, 2);
  EXPECT_NEAR(test.p, 0.00015, 5e-6);
  EXPECT_NEAR(test.difference, 0.110, 5e-4);
  // By the challenge's margin, of the exact losses.
  const MeanTest margin =
      test_lower_mean(sample({1.95943598, 1.96614170, 1.96284036}), sample({2.07269931}), 0.005);
  EXPECT_LT(margin.p, 0.0002);
  EXPECT_GT(margin.p, test.p);
}

/// Source: openai/parameter-golf PR 1902, description: "#1529 … beats the prior #1514 frontier (p=0.001)";
/// the seeds are those of the two submission.json files.
TEST(MeanTest, GivesThePublishedFigureOfPr1529InPr1902) {
  const ScoreSample pr1529 = sample({1.07506048, 1.07645101, 1.07585093});
  const ScoreSample pr1514 = sample({1.07928348, 1.07996676, 1.08024795});
  EXPECT_NEAR(pr1529.mean, 1.07578747, 5e-9);
  EXPECT_NEAR(pr1514.deviation, 0.00049601, 5e-9);
  EXPECT_NEAR(test_lower_mean(pr1529, pr1514, 0).p, 0.001, 5e-4);
}

/// Source: PR 1902: "broader reproduction evidence giving p=0.188 vs the latest #1868 compliance rerun"; the
/// six runs of PR 1855 by their mean and deviation as PR 1967 gives them, the rerun's seeds from PR 1868.
TEST(MeanTest, GivesThePublishedFigureOfPr1855InPr1902) {
  const ScoreSample pr1855 = {.count = 6, .mean = 1.060755, .deviation = 0.000933};
  const ScoreSample pr1868 = sample({1.06083288, 1.06090748, 1.06248776});
  EXPECT_NEAR(pr1868.deviation, 0.00093, 5e-6);
  EXPECT_NEAR(test_lower_mean(pr1855, pr1868, 0).p, 0.188, 5e-4);
}

TEST(MeanTest, CountsASingleScoreAsExactOrAsSpreadAsTheOthers) {
  const ScoreSample seeds = sample({1.0, 1.1, 1.2});
  const MeanTest exact = test_lower_mean(seeds, sample({1.4}), 0);
  EXPECT_EQ(exact.degrees, 2);
  EXPECT_NEAR(exact.standard_error, 0.1 / std::sqrt(3), 1e-12);
  const MeanTest spread = test_lower_mean(seeds, sample({1.4}), 0, 0.95, /*assume_equal_spread=*/true);
  EXPECT_EQ(spread.degrees, 2);
  EXPECT_NEAR(spread.standard_error, 0.1 * std::sqrt(1 + 1.0 / 3), 1e-12);
  EXPECT_GT(spread.p, exact.p);
}

TEST(MeanTest, IsSureWhereAllRunsAgree) {
  EXPECT_EQ(test_lower_mean(sample({1, 1}), sample({2, 2}), 0.5).p, 0);
  EXPECT_EQ(test_lower_mean(sample({1, 1}), sample({2, 2}), 1.5).p, 1);
  EXPECT_EQ(test_lower_mean(sample({1, 1}), sample({2, 2}), 1).p, 0.5);
}

TEST(MeanTest, RefusesWhatHasNoSpread) {
  EXPECT_GOLF_ERROR(test_lower_mean(sample({1}), sample({2}), 0), ErrorCode::kInvalidArgument,
                    "one run on each side");
  EXPECT_GOLF_ERROR(sample({}), ErrorCode::kInvalidArgument, "there are none");
  EXPECT_GOLF_ERROR(sample({1, NAN}), ErrorCode::kInvalidArgument, "not a finite number");
  EXPECT_GOLF_ERROR(test_lower_mean(sample({1, 2}), sample({2}), 0, 1), ErrorCode::kInvalidArgument,
                    "confidence");
}

/// Source: the examples of power.t.test in R's documentation: a power of 0.9 at delta = 1, sd = 1 takes
/// n = 17.84713 on one side at 0.05, and n = 22.02110 on two sides, that is 0.025 on each.
TEST(RunsForPower, AreAsManyAsRSays) {
  EXPECT_EQ(runs_for_power(1, 0, 1, 0.05, 0.9), 18);
  EXPECT_EQ(runs_for_power(1.5, 0.5, 1, 0.025, 0.9), 23);
  EXPECT_EQ(runs_for_power(1, 1, 1, 0.05, 0.9), std::nullopt);
  EXPECT_EQ(runs_for_power(1e-4, 0, 1, 0.05, 0.9), std::nullopt);
  EXPECT_EQ(runs_for_power(100, 0, 1, 0.05, 0.9), 2);
}

}  // namespace
}  // namespace golf
