#include "golf/score/post_processor_chain.h"

#include <gtest/gtest.h>

#include <cmath>

#include "golf/score/exact_ngram_cache.h"
#include "golf/score/hashed_ngram_cache.h"
#include "sampled_scores.h"
#include "support/error_matchers.h"

namespace golf {
namespace {

constexpr size_t kVocab = 7;

std::vector<uint16_t> small_stream(size_t targets) {
  std::vector<uint16_t> stream;
  for (size_t i = 0; i <= targets; ++i) stream.push_back(static_cast<uint16_t>(i * i % kVocab));
  return stream;
}

/// Every token is a byte.
TokenizedText one_byte_each(const std::vector<uint16_t>& stream) {
  return {.tokens = stream, .bytes = std::vector<uint16_t>(stream.size(), 1)};
}

TokenScores uniform_scores(const WindowPlan& plan, int64_t first, int64_t end) {
  TokenScores scores;
  for (int64_t w = first; w < end; ++w) {
    scores.segments.push_back({plan[w].first_target(), plan[w].scored()});
    scores.nll_nats.resize(scores.nll_nats.size() + static_cast<size_t>(plan[w].scored()),
                           std::log(static_cast<float>(kVocab)));
  }
  scores.entropy_nats = scores.nll_nats;
  return scores;
}

TEST(PostProcessorChain, WithoutPostProcessorsAddsUpTheModelsScores) {
  const auto stream = small_stream(40);
  const WindowPlan plan = WindowPlan::standard(40, 8);
  const TokenizedText text = one_byte_each(stream);
  PostProcessorChain chain({}, text, plan, kVocab);
  TokenScores scores = uniform_scores(plan, 0, plan.size());
  chain.run(scores);
  EXPECT_FALSE(chain.needs_entropy());
  EXPECT_TRUE(chain.audited_targets().empty());
  ASSERT_EQ(chain.stages().size(), 1U);
  EXPECT_EQ(chain.stages()[0].name, "model");
  EXPECT_EQ(chain.stages()[0].legality, "normalized");
  EXPECT_NEAR(chain.stages()[0].val_bpb, std::log2(7.0), 1e-6);
  EXPECT_EQ(chain.totals().tokens, 40);
}

TEST(PostProcessorChain, IsEachPostProcessorAfterTheOtherWhateverTheBatches) {
  const auto stream = small_stream(400);
  const WindowPlan plan = WindowPlan::sliding(400, 32, 8);
  const TokenizedText text = one_byte_each(stream);
  const std::vector<uint16_t> prefix(stream.begin() + 1, stream.begin() + 101);
  const HashedNgramConfig hashed{.buckets = 1024, .shards = 3};

  TokenScores expected = uniform_scores(plan, 0, plan.size());
  HashedNgramCache cache(hashed, stream, plan.size(), kVocab);
  cache.run(expected);
  double loss = 0;
  for (size_t i = 100; i < 400; ++i) loss += expected.nll_nats[i];

  PostProcessorChain chain({.ngram_hashed = hashed, .paid_prefix = prefix}, text, plan, kVocab);
  EXPECT_TRUE(chain.needs_entropy());
  for (int64_t w = 0; w < plan.size(); w += 5) {
    TokenScores batch = uniform_scores(plan, w, std::min(w + 5, plan.size()));
    chain.run(batch);
  }
  const auto stages = chain.stages();
  ASSERT_EQ(stages.size(), 3U);
  EXPECT_EQ(stages[1].name, "ngram-hashed");
  EXPECT_EQ(stages[1].legality, "not normalized: ruled out");
  EXPECT_EQ(stages[1].facts.at("hits_by_order"), cache.facts().at("hits_by_order"));
  EXPECT_EQ(stages[2].name, "paid-prefix");
  EXPECT_EQ(stages[2].legality, "not normalized: ruled out; validation tokens in the artifact: ruled out");
  EXPECT_EQ(stages[2].facts.at("scored_tokens_covered").as_int(), 100);
  EXPECT_GT(stages[0].val_bpb, stages[1].val_bpb);
  EXPECT_DOUBLE_EQ(stages[2].val_loss, loss / 400);
  EXPECT_DOUBLE_EQ(chain.totals().val_bpb(), stages[2].val_bpb);
}

TEST(PostProcessorChain, AuditsEveryStageAtTheSamePositions) {
  const auto stream = small_stream(400);
  const WindowPlan plan = WindowPlan::sliding(400, 32, 8);
  const TokenizedText text = one_byte_each(stream);
  const std::vector<uint16_t> prefix(stream.begin() + 1, stream.end());
  PostProcessorChain chain({.ngram_exact = ExactCacheConfig{}, .paid_prefix = prefix, .audit_positions = 50},
                           text, plan, kVocab);
  ASSERT_EQ(chain.audited_targets().size(), 50U);
  for (int64_t w = 0; w < plan.size(); w += 7) {
    TokenScores batch = uniform_scores(plan, w, std::min(w + 7, plan.size()));
    test::sample(batch, chain.audited_targets(), kVocab, test::uniform);
    chain.run(batch);
  }
  const auto stages = chain.stages();
  EXPECT_EQ(stages[1].legality, "normalized");
  for (size_t i = 0; i < 3; ++i) EXPECT_EQ(stages[i].normalization->positions, 50);
  EXPECT_LT(stages[0].normalization->max_deviation, 1e-12);
  EXPECT_LT(stages[1].normalization->max_deviation, 1e-12);
  // Where the prefix stands its token has 1, the others what the exact cache left them.
  EXPECT_GT(stages[2].normalization->min, 1.0);
  EXPECT_LT(stages[2].normalization->max, 2.0);
}

TEST(PostProcessorChain, RefusesWhatThePlanDoesNotAllow) {
  const WindowPlan again = WindowPlan::sliding(400, 32, 8, window_policy("pr993"));
  const WindowPlan once = WindowPlan::sliding(400, 32, 8);
  EXPECT_GOLF_ERROR(check({.ngram_exact = ExactCacheConfig{}}, again), ErrorCode::kInvalidArgument,
                    "24 targets would be scored again");
  check({.ngram_exact = ExactCacheConfig{}}, once);
  EXPECT_GOLF_ERROR(check({.ngram_hashed = HashedNgramConfig{.shards = 48}}, once),
                    ErrorCode::kInvalidArgument, "48 shards of 47 windows");
  EXPECT_GOLF_ERROR(check({.ngram_hashed = HashedNgramConfig{.buckets = 1000}}, once),
                    ErrorCode::kInvalidArgument, "ngram_hashed.buckets: 1000 is not a power of two");
}

}  // namespace
}  // namespace golf
