#include "golf/score/paid_prefix_score.h"

#include <gtest/gtest.h>

#include <limits>

#include "golf/score/normalization_audit.h"
#include "golf/score/score_post_processor.h"
#include "sampled_scores.h"

namespace golf {
namespace {

const std::vector<uint16_t> kStream = {9, 1, 2, 3, 4, 5, 6};  // targets 1 … 6

TEST(PaidPrefixScore, ForgivesCoveredTargetsThatItHasRight) {
  PaidPrefixScore processor(kStream, {1, 7, 3, 4});
  TokenScores scores{.segments = {{0, 3}, {3, 3}}, .nll_nats = {1, 2, 3, 4, 5, 6}};
  processor.run(scores);
  EXPECT_EQ(scores.nll_nats, (std::vector<float>{0, 2, 0, 0, 5, 6}));
  EXPECT_EQ(processor.checked(), 4);
  EXPECT_EQ(processor.covered(), 3);
}

TEST(PaidPrefixScore, MayBeLongerThanTheStream) {
  PaidPrefixScore processor(kStream, {1, 2, 3, 4, 5, 6, 7, 8});
  TokenScores scores{.segments = {{4, 2}, {4, 2}}, .nll_nats = {1, 2, 3, 4}};
  processor.run(scores);
  EXPECT_EQ(scores.nll_nats, (std::vector<float>{0, 0, 0, 0}));
  EXPECT_EQ(processor.checked(), 4);
}

TEST(PaidPrefixScore, DoesNotHideALossThatIsNotFinite) {
  PaidPrefixScore processor(kStream, {1});
  TokenScores scores{.segments = {{0, 1}}, .nll_nats = {std::numeric_limits<float>::infinity()}};
  processor.run(scores);
  EXPECT_GT(scores.nll_nats[0], 1e30F);
}

TEST(PaidPrefixScore, HandsOutMoreThanOneWhereItCovers) {
  PaidPrefixScore processor(kStream, {1, 2});
  TokenScores scores{.segments = {{0, 6}}, .nll_nats = std::vector<float>(6, 1.0F)};
  test::sample(scores, {0, 1, 2, 3}, 10, test::uniform);
  processor.run(scores);
  NormalizationAudit audit;
  audit.look(scores);
  EXPECT_NEAR(audit.report().max, 1.9, 1e-12);
  EXPECT_NEAR(audit.report().min, 1.0, 1e-12);
  EXPECT_NEAR(audit.report().mean, 1.45, 1e-12);
}

TEST(PostProcessors, CarryTheirLegality) {
  EXPECT_EQ(post_processor_row(PostProcessorKind::kPaidPrefix).legality,
            "validation tokens in the artifact: ruled out");
  EXPECT_EQ(post_processor_row(PostProcessorKind::kNgramHashed).legality, "not normalized: ruled out");
  EXPECT_EQ(post_processor_row(PostProcessorKind::kNgramExact).legality, "normalized");
  EXPECT_EQ(post_processor_row(PostProcessorKind::kNgramTilt).legality, "normalized");
}

}  // namespace
}  // namespace golf
