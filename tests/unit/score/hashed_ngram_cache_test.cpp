#include "golf/score/hashed_ngram_cache.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "golf/score/cache_weight.h"
#include "golf/score/normalization_audit.h"
#include "golf/score/window_plan.h"
#include "sampled_scores.h"
#include "support/error_matchers.h"

namespace golf {
namespace {

/// 0 1 2 0 1 2 … : after two periods every order knows what comes next.
std::vector<uint16_t> periodic(size_t count) {
  std::vector<uint16_t> stream;
  for (size_t i = 0; i < count; ++i) stream.push_back(static_cast<uint16_t>(i % 3));
  return stream;
}

TokenScores constant_scores(const WindowPlan& plan, float nll, float entropy) {
  TokenScores scores;
  for (int64_t w = 0; w < plan.size(); ++w)
    scores.segments.push_back({plan[w].first_target(), plan[w].scored()});
  const auto count = static_cast<size_t>(plan.coverage().scored);
  scores.nll_nats.assign(count, nll);
  scores.entropy_nats.assign(count, entropy);
  return scores;
}

constexpr HashedNgramConfig kFixedHalf = {.buckets = 4096,
                                          .weight = {.mode = EntropyWeight::Mode::kFixed, .fixed = 0.5}};

TEST(HashedNgramCache, ScoresAllOfASegmentBeforeLearningAnyOfIt) {
  const std::vector<uint16_t> stream = periodic(61);
  const WindowPlan plan = WindowPlan::sliding(60, 20, 10);
  TokenScores scores = constant_scores(plan, 2.0F, 1.0F);
  HashedNgramCache processor(kFixedHalf, stream, plan.size(), 3);
  processor.run(scores);
  for (size_t i = 0; i < 20; ++i) EXPECT_FLOAT_EQ(scores.nll_nats[i], 2.0F) << i;
  const double known = -std::log(0.5 * std::exp(-2.0) + 0.5);
  for (size_t i = 20; i < 60; ++i) EXPECT_NEAR(scores.nll_nats[i], known, 1e-6) << i;
  EXPECT_EQ(processor.hits()[0], 20);
}

TEST(HashedNgramCache, GivesTheSameInOneBatchAndInMany) {
  const std::vector<uint16_t> stream = periodic(101);
  const WindowPlan plan = WindowPlan::sliding(100, 20, 7, window_policy("pr993"));
  TokenScores whole = constant_scores(plan, 1.5F, 1.0F);
  const TokenScores original = whole;
  HashedNgramCache(kFixedHalf, stream, plan.size(), 3).run(whole);

  HashedNgramCache processor(kFixedHalf, stream, plan.size(), 3);
  TokenScores parts;
  size_t used = 0;
  for (const ScoreSegment& segment : original.segments) {
    const auto begin = original.nll_nats.begin() + static_cast<std::ptrdiff_t>(used);
    TokenScores part{.segments = {segment}, .nll_nats = {begin, begin + segment.count}};
    part.entropy_nats.assign(part.nll_nats.size(), 1.0F);
    processor.run(part);
    parts.append(part);
    used += static_cast<size_t>(segment.count);
  }
  EXPECT_EQ(parts.nll_nats, whole.nll_nats);
}

TEST(HashedNgramCache, StartsAnEmptyCacheForEachShard) {
  const std::vector<uint16_t> stream = periodic(61);
  const WindowPlan plan = WindowPlan::sliding(60, 20, 10);  // five windows: 0–1 and 2–4
  HashedNgramConfig config = kFixedHalf;
  config.shards = 2;
  TokenScores scores = constant_scores(plan, 2.0F, 1.0F);
  HashedNgramCache(config, stream, plan.size(), 3).run(scores);
  EXPECT_LT(scores.nll_nats[29], 1.0F);        // window 1 knows window 0
  EXPECT_FLOAT_EQ(scores.nll_nats[30], 2.0F);  // window 2 starts anew
  EXPECT_LT(scores.nll_nats[40], 1.0F);
}

TEST(HashedNgramCache, KeepsALossThatIsNotFinite) {
  const std::vector<uint16_t> stream = periodic(61);
  const WindowPlan plan = WindowPlan::sliding(60, 20, 10);
  TokenScores scores = constant_scores(plan, 2.0F, 1.0F);
  scores.nll_nats[40] = std::numeric_limits<float>::infinity();
  scores.nll_nats[41] = NAN;
  HashedNgramCache(kFixedHalf, stream, plan.size(), 3).run(scores);
  EXPECT_TRUE(std::isinf(scores.nll_nats[40]));
  EXPECT_TRUE(std::isnan(scores.nll_nats[41]));
}

TEST(HashedNgramCache, ClipsAtTheLeastProbability) {
  const std::vector<uint16_t> stream = {0, 1, 2, 3};
  TokenScores scores{.segments = {{0, 3}}, .nll_nats = {40.0F, 1.0F, 0.0F}, .entropy_nats = {0, 0, 0}};
  HashedNgramCache({.buckets = 1024}, stream, 1, 4).run(scores);
  EXPECT_NEAR(scores.nll_nats[0], -std::log(1e-12), 1e-5);
  EXPECT_FLOAT_EQ(scores.nll_nats[1], 1.0F);
  EXPECT_EQ(scores.nll_nats[2], 0.0F);
}

TEST(HashedNgramCache, IsFoundOutByTheAudit) {
  std::vector<uint16_t> stream;
  for (uint32_t i = 0; i < 5001; ++i) stream.push_back(static_cast<uint16_t>(i * i % 251));
  const WindowPlan plan = WindowPlan::sliding(5000, 100, 50);
  TokenScores scores = constant_scores(plan, std::log(256.0F), std::log(256.0F));
  test::sample(scores, sample_targets(0, 5000, 200), 256, test::uniform);
  HashedNgramConfig config = kFixedHalf;
  config.buckets = 1024;
  HashedNgramCache(config, stream, plan.size(), 256).run(scores);
  NormalizationAudit audit;
  audit.look(scores);
  EXPECT_EQ(audit.report().positions, 200);
  EXPECT_GT(audit.report().mean, 10);
}

TEST(HashedNgramCache, AuditsTheValueThatItScores) {
  const std::vector<uint16_t> stream = periodic(61);
  const WindowPlan plan = WindowPlan::sliding(60, 20, 10);
  TokenScores scores = constant_scores(plan, std::log(3.0F), 1.0F);
  test::sample(scores, sample_targets(0, 60, 60), 3, test::uniform);
  HashedNgramCache({.buckets = 1024}, stream, plan.size(), 3).run(scores);
  ASSERT_EQ(scores.samples.size(), 60U);
  for (size_t i = 0; i < 60; ++i) {
    EXPECT_NEAR(-std::log(scores.samples[i].probabilities[stream[i + 1]]), scores.nll_nats[i], 1e-6) << i;
  }
}

TEST(HashedNgramCache, RefusesWhatDoesNotBelongTogether) {
  const std::vector<uint16_t> stream = periodic(10);
  const auto make = [&](HashedNgramConfig config) { return HashedNgramCache(config, stream, 4, 3); };
  EXPECT_GOLF_ERROR(make({.buckets = 1024, .min_count = 0}), ErrorCode::kInvalidArgument, "min_count: 0");
  EXPECT_GOLF_ERROR(make({.buckets = 1024, .shards = 5}), ErrorCode::kInvalidArgument,
                    "5 shards of 4 windows");
  EXPECT_GOLF_ERROR(make({.buckets = 1024, .weight = {.min = 0.7}}), ErrorCode::kInvalidArgument, "min 0.7");
  HashedNgramCache processor = make({.buckets = 1024});
  TokenScores without_entropy{.segments = {{0, 1}}, .nll_nats = {1}};
  EXPECT_GOLF_ERROR(processor.run(without_entropy), ErrorCode::kMismatch, "0 entropies");
  TokenScores outside{.segments = {{9, 1}}, .nll_nats = {1}, .entropy_nats = {1}};
  EXPECT_GOLF_ERROR(processor.run(outside), ErrorCode::kMismatch, "does not fit 9 targets");
}

TEST(CacheWeight, HasThreeModes) {
  using Mode = EntropyWeight::Mode;
  EXPECT_FLOAT_EQ(cache_weight({}, 4.0F, 1024), 0.325F);
  EXPECT_NEAR(cache_weight({}, 0.0F, 1024), 0.05 + 0.55 / (1 + std::exp(8.0)), 1e-7);
  EXPECT_FLOAT_EQ(cache_weight({.mode = Mode::kLinear}, std::log(1024.0F) / 2, 1024), 0.325F);
  EXPECT_FLOAT_EQ(cache_weight({.mode = Mode::kLinear}, 100.0F, 1024), 0.60F);
  EXPECT_FLOAT_EQ(cache_weight({.mode = Mode::kFixed}, 1.0F, 1024), 0.40F);
}

}  // namespace
}  // namespace golf
