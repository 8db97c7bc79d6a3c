#include "golf/stats/claim_test.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <iostream>
#include <numeric>
#include <random>

#include "support/error_matchers.h"

namespace golf {
namespace {

constexpr double kError = 0.05;

/// GOLF_CLAIM_STREAMS=2000 is what benchmarks/results/2026-11-30-verify.md ran.
int streams() {
  const char* asked = std::getenv("GOLF_CLAIM_STREAMS");
  return asked != nullptr ? std::max(20, std::atoi(asked)) : 200;
}
const int kStreams = streams();

/// Losses of windows, made up: most alike, some much higher, a few at the bounds.
std::vector<double> made_population(std::mt19937_64& random, int64_t count) {
  const auto uniform = [&] { return static_cast<double>(random() >> 11U) * 0x1.0p-53; };
  std::vector<double> values;
  for (int64_t i = 0; i < count; ++i) {
    const double kind = uniform();
    double value = 2 + 0.3 * (uniform() + uniform() + uniform() - 1.5);
    if (kind < 0.05) value += 3 * uniform();
    if (kind > 0.995) value = kind > 0.9975 ? 0 : 8;
    values.push_back(value);
  }
  return values;
}

double mean_of(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

struct Tally {
  int confirmed = 0, refuted = 0, outside = 0;
  double drawn = 0;  ///< share of the population, on average
};

/// Many populations and orders, the claim being that their mean is `offset` away from the truth, give or take
/// 0.02.
Tally verdicts(double offset) {
  Tally tally;
  std::mt19937_64 random(17);
  for (int stream = 0; stream < kStreams; ++stream) {
    const std::vector<double> values = made_population(random, 1500);
    const double truth = mean_of(values), claimed = truth + offset;
    ClaimTest test({.population = std::ssize(values),
                    .least = 0,
                    .most = 8,
                    .low = claimed - 0.02,
                    .high = claimed + 0.02,
                    .error_probability = kError});
    for (const int64_t i : random_order(std::ssize(values), random())) {
      if (test.add(values[static_cast<size_t>(i)]) != ClaimVerdict::kUndecided) break;
    }
    ++(test.verdict() == ClaimVerdict::kConfirmed ? tally.confirmed : tally.refuted);
    tally.drawn += static_cast<double>(test.count()) / static_cast<double>(values.size()) / kStreams;
    if (stream % 20 == 0) {  // the interval at the moment at which it stopped
      const ClaimTest::Interval interval = test.interval();
      if (truth < interval.low - 1e-9 || truth > interval.high + 1e-9) ++tally.outside;
    }
  }
  std::cout << "claim off by " << offset << ": " << tally.confirmed << " confirmed, " << tally.refuted
            << " refuted, " << 100 * tally.drawn << " % drawn, " << tally.outside << " of "
            << (kStreams + 19) / 20 << " intervals miss\n";
  return tally;
}

TEST(ClaimTest, SeldomConfirmsAClaimThatIsJustFalse) {
  for (const double offset : {0.0201, -0.0201, 0.03, -0.03}) {
    const Tally tally = verdicts(offset);
    EXPECT_LE(tally.confirmed, kError * kStreams);
    EXPECT_LE(tally.outside, kError * kStreams / 20);
  }
}

TEST(ClaimTest, SeldomRefutesAClaimThatIsJustTrue) {
  for (const double offset : {0.0199, -0.0199, 0.01, -0.01}) {
    const Tally tally = verdicts(offset);
    EXPECT_LE(tally.refuted, kError * kStreams);
    EXPECT_LE(tally.outside, kError * kStreams / 20);
  }
}

TEST(ClaimTest, StopsEarlyWhereTheClaimIsPlain) {
  const Tally right = verdicts(0), wrong = verdicts(0.3);
  EXPECT_EQ(right.refuted, 0);
  EXPECT_LT(right.drawn, 0.9);
  EXPECT_EQ(wrong.confirmed, 0);
  EXPECT_LT(wrong.drawn, 0.15);
}

TEST(ClaimTest, IsExactWhenEverythingWasDrawn) {
  const std::vector<double> values = {1, 2, 3, 6};
  ClaimTest test(
      {.population = 4, .least = 0, .most = 8, .low = 2.9, .high = 3.1, .error_probability = 1e-6});
  for (const double value : values) test.add(value);
  EXPECT_EQ(test.verdict(), ClaimVerdict::kConfirmed);
  EXPECT_DOUBLE_EQ(test.interval().low, 3);
  EXPECT_DOUBLE_EQ(test.interval().high, 3);
  EXPECT_GOLF_ERROR(test.add(1), ErrorCode::kInvalidArgument, "more than the population");
}

TEST(ClaimTest, RefutesWhatIsImpossibleWhateverComes) {
  // Two of three values are at the top: no third one makes their mean 1.
  ClaimTest test(
      {.population = 3, .least = 0, .most = 8, .low = 0.9, .high = 1.1, .error_probability = 1e-9});
  test.add(8);
  EXPECT_EQ(test.add(8), ClaimVerdict::kRefuted);
}

TEST(ClaimTest, HoldsValuesToTheirBounds) {
  ClaimTest test({.population = 3, .least = 0, .most = 8, .low = 1, .high = 2});
  EXPECT_GOLF_ERROR(test.add(8.5), ErrorCode::kInvalidArgument, "8.5 is outside the bounds 0 to 8");
  EXPECT_GOLF_ERROR(test.add(NAN), ErrorCode::kInvalidArgument, "outside the bounds");
  EXPECT_GOLF_ERROR(ClaimTest({.population = 0, .least = 0, .most = 8}), ErrorCode::kInvalidArgument,
                    "population");
}

TEST(RandomOrder, HasEachIndexOnceAndFollowsTheSeed) {
  std::vector<int64_t> order = random_order(1000, 5);
  EXPECT_EQ(order, random_order(1000, 5));
  EXPECT_NE(order, random_order(1000, 6));
  EXPECT_FALSE(std::is_sorted(order.begin(), order.end()));
  std::sort(order.begin(), order.end());
  for (int64_t i = 0; i < 1000; ++i) EXPECT_EQ(order[static_cast<size_t>(i)], i);
}

}  // namespace
}  // namespace golf
