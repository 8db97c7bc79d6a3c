#include "golf/score/bpb.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "golf/artifact/text/token_bytes.h"
#include "golf/score/window_plan.h"
#include "support/error_matchers.h"

namespace golf {
namespace {

/// Ids 0 (boundary), 1 ("▁ab", 2 bytes and a space), 2 ("c").
std::vector<uint16_t> bytes_of(const std::vector<uint16_t>& stream) {
  return bytes_of_tokens({{0, 2, 1}, {0, 1, 0}, {1, 0, 0}}, stream);
}

TEST(Bpb, DividesTheSumsOnce) {
  const std::vector<uint16_t> stream = {0, 1, 2, 1, 0, 1};  // targets cost 2, 1, 3, 0, 2 bytes
  BpbTotals totals;
  totals.add({.segments = {{0, 3}, {3, 2}}, .nll_nats = {1.0F, 2.0F, 3.0F, 4.0F, 5.5F}}, bytes_of(stream));
  EXPECT_EQ(totals.tokens, 5);
  EXPECT_EQ(totals.bytes, 8);
  EXPECT_DOUBLE_EQ(totals.val_loss(), 15.5 / 5);
  EXPECT_DOUBLE_EQ(totals.val_bpb(), 15.5 / std::log(2.0) / 8);
}

TEST(Bpb, AgreesWithOneLoopOverARepeatingPlan) {
  std::vector<uint16_t> stream;
  for (int i = 0; i < 60; ++i) stream.push_back(static_cast<uint16_t>(i * i % 3));
  const auto nll_of = [](int64_t target) { return 0.25F + 0.125F * static_cast<float>(target % 7); };
  const WindowPlan plan = WindowPlan::sliding(59, 12, 5, window_policy("pr262"));
  BpbTotals totals;
  double loss = 0;
  int64_t bytes = 0;
  int64_t tokens = 0;
  for (int64_t w = 0; w < plan.size(); ++w) {
    TokenScores scores{.segments = {{plan[w].first_target(), plan[w].scored()}}};
    for (int64_t p = plan[w].score_from; p < plan[w].length; ++p) {
      const int64_t target = plan[w].start + p;
      scores.nll_nats.push_back(nll_of(target));
      loss += nll_of(target);
      const uint16_t previous = stream[static_cast<size_t>(target)];
      const uint16_t token = stream[static_cast<size_t>(target) + 1];
      bytes += token == 1 ? 2 + (previous != 0) : token == 2 ? 1 : 0;
      ++tokens;
    }
    totals.add(scores, bytes_of(stream));
  }
  EXPECT_EQ(totals.bytes, bytes);
  EXPECT_EQ(totals.tokens, tokens);
  EXPECT_DOUBLE_EQ(totals.val_bpb(), loss / std::log(2.0) / static_cast<double>(bytes));
}

TEST(Bpb, KeepsDigitsThatFloat32Loses) {
  TokenScores scores{.segments = {{0, 1}}, .nll_nats = {1e-3F}};
  const std::vector<uint16_t> stream = {2, 2};
  BpbTotals totals{.loss_nats = 1e8};
  totals.add(scores, bytes_of(stream));
  EXPECT_GT(totals.loss_nats, 1e8);
}

TEST(Bpb, NamesTheFirstNonFiniteTarget) {
  const std::vector<uint16_t> stream = {2, 2, 2, 2};
  BpbTotals totals;
  totals.add({.segments = {{0, 3}}, .nll_nats = {1.0F, std::numeric_limits<float>::infinity(), NAN}},
             bytes_of(stream));
  EXPECT_EQ(totals.first_nonfinite_target, 1);
  EXPECT_FALSE(std::isfinite(totals.val_bpb()));
}

TEST(Bpb, IsNotANumberWithoutTokens) { EXPECT_TRUE(std::isnan(BpbTotals{}.val_bpb())); }

TEST(Bpb, RefusesScoresOfAnotherStream) {
  const std::vector<uint16_t> stream = {2, 2, 2};
  const auto add = [&](TokenScores scores) { BpbTotals{}.add(scores, bytes_of(stream)); };
  EXPECT_GOLF_ERROR(add({.segments = {{1, 2}}, .nll_nats = {1, 1}}), ErrorCode::kMismatch, "does not fit");
  EXPECT_GOLF_ERROR(add({.segments = {{0, 2}}, .nll_nats = {1}}), ErrorCode::kMismatch, "1 losses");
  EXPECT_GOLF_ERROR(add({.segments = {{0, 1}}, .nll_nats = {1, 1}}), ErrorCode::kMismatch,
                    "hold 1 targets, there are 2 losses");
}

TEST(TokenScores, AppendKeepsTheOrder) {
  TokenScores scores{.segments = {{0, 1}}, .nll_nats = {1}, .entropy_nats = {2}};
  scores.append({.segments = {{1, 2}}, .nll_nats = {3, 4}, .entropy_nats = {5, 6}});
  EXPECT_EQ(scores.segments, (std::vector<ScoreSegment>{{0, 1}, {1, 2}}));
  EXPECT_EQ(scores.nll_nats, (std::vector<float>{1, 3, 4}));
  EXPECT_EQ(scores.entropy_nats, (std::vector<float>{2, 5, 6}));
}

}  // namespace
}  // namespace golf
