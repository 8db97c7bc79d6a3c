#include "golf/score/loss_dump.h"

#include <gtest/gtest.h>

#include <cmath>

#include "golf/artifact/formats/npy.h"
#include "support/error_matchers.h"

namespace golf {
namespace {

/// Bytes of made-up tokens.
std::vector<uint16_t> bytes_of(int64_t targets) {
  std::vector<uint16_t> bytes;
  for (int64_t i = 0; i <= targets; ++i) bytes.push_back(static_cast<uint16_t>(i * i % 4));
  return bytes;
}

TokenScores scores_of(const WindowPlan& plan) {
  TokenScores scores;
  for (int64_t w = 0; w < plan.size(); ++w) {
    scores.segments.push_back({plan[w].first_target(), plan[w].scored()});
    for (int64_t i = 0; i < plan[w].scored(); ++i) {
      scores.nll_nats.push_back(2.0F + std::sin(static_cast<float>(scores.size())));
    }
  }
  return scores;
}

TEST(LossDump, GivesTheScoreOfTheTraceItWasMadeFrom) {
  for (const std::string_view policy : policy_names()) {
    const WindowPlan plan = WindowPlan::sliding(1000, 64, 24, window_policy(policy));
    const TokenScores scores = scores_of(plan);
    BpbTotals direct;
    direct.add(scores, bytes_of(1000));
    const Bytes dump = encode_loss_dump(scores.nll_nats);
    const BpbTotals audited = score_losses(parse_loss_dump(dump, "d", plan), plan, bytes_of(1000));
    EXPECT_EQ(audited.tokens, direct.tokens);
    EXPECT_EQ(audited.bytes, direct.bytes);
    EXPECT_DOUBLE_EQ(audited.val_bpb(), direct.val_bpb());
  }
}

TEST(LossDump, IsReadAsNumPyOrRawInBothWidths) {
  const WindowPlan plan = WindowPlan::standard(6, 3);
  const std::vector<float> narrow = {1, 2, 3, 4, 5, 6.5F};
  const std::vector<double> wide(narrow.begin(), narrow.end());
  const auto raw = [](const auto& values) { return std::as_bytes(std::span(values)); };
  EXPECT_EQ(parse_loss_dump(encode_loss_dump(narrow), "d", plan), wide);
  EXPECT_EQ(parse_loss_dump(raw(narrow), "d", plan), wide);
  EXPECT_EQ(parse_loss_dump(raw(wide), "d", plan), wide);
  const Tensor matrix = make_tensor<double>(DType::kF64, {2, 3}, wide);
  EXPECT_EQ(parse_loss_dump(encode_npy(matrix), "d", plan), wide);
}

TEST(LossDump, KeepsFloat64) {
  const WindowPlan plan = WindowPlan::standard(2, 2);
  const std::vector<double> losses = {1.0 + 1e-12, 2.0};
  const auto parsed = parse_loss_dump(std::as_bytes(std::span(losses)), "d", plan);
  EXPECT_EQ(score_losses(parsed, plan, bytes_of(2)).loss_nats, 3.0 + 1e-12);
}

TEST(LossDump, NamesThePolicyThatItsLengthSuits) {
  const WindowPlan once = WindowPlan::sliding(128, 32, 8);
  const WindowPlan pr993 = WindowPlan::sliding(128, 32, 8, window_policy("pr993"));
  const std::vector<float> losses(static_cast<size_t>(pr993.coverage().scored), 1.0F);
  EXPECT_GOLF_ERROR(
      parse_loss_dump(encode_loss_dump(losses), "d.npy", once), ErrorCode::kMismatch,
      "d.npy: 128 losses expected for 128 targets in windows of 32, found 152: as window policy "
      "pr192, pr262, pr993 would score");
  EXPECT_GOLF_ERROR(parse_loss_dump(std::as_bytes(std::span(losses)), "d", once), ErrorCode::kMismatch,
                    "608 bytes of raw values: as window policy pr192");
  EXPECT_GOLF_ERROR(parse_loss_dump(as_bytes("abc"), "d", once), ErrorCode::kMismatch,
                    "give the windows it was made with");
}

TEST(LossDump, RefusesIntegersAndOtherStreams) {
  const WindowPlan plan = WindowPlan::standard(2, 2);
  EXPECT_GOLF_ERROR(parse_loss_dump(encode_npy(make_tensor(DType::kI64, {2})), "d", plan),
                    ErrorCode::kUnsupported, "losses of int64");
  const std::vector<double> losses = {1, 2};
  EXPECT_GOLF_ERROR(score_losses(losses, plan, bytes_of(3)), ErrorCode::kMismatch, "4 tokens");
  EXPECT_GOLF_ERROR(score_losses(std::span(losses).first(1), plan, bytes_of(2)), ErrorCode::kMismatch,
                    "losses: 1 for a plan that scores 2");
}

TEST(LossDump, RefusesASumBelowZeroAsLogProbabilities) {
  const WindowPlan plan = WindowPlan::standard(2, 2);
  EXPECT_EQ(impossible_total(score_losses(std::vector<double>{-2, -2}, plan, bytes_of(2))),
            "losses: their sum is -4 nats, below 0, which no losses have: these look like log-probabilities: "
            "change their sign");
  EXPECT_EQ(impossible_total(score_losses(std::vector<double>{-2, 2}, plan, bytes_of(2))), "");
  EXPECT_EQ(score_losses(std::vector<double>{-1e-6, 1e-6}, plan, bytes_of(2)).loss_nats, 0);
}

TEST(LossDump, NamesTheFirstTargetThatIsNotFinite) {
  const WindowPlan plan = WindowPlan::sliding(6, 4, 2, window_policy("pr88"));
  const std::vector<double> losses = {1, NAN, 2, INFINITY};
  EXPECT_EQ(score_losses(losses, plan, bytes_of(6)).first_nonfinite_target, 3);
}

}  // namespace
}  // namespace golf
