#include "golf/stats/block_bootstrap.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <random>

#include "support/error_matchers.h"

namespace golf {
namespace {

TEST(BlockBootstrap, HasTheStandardErrorOfTheMeanForEqualDocuments) {
  std::vector<DocumentSum> documents;
  double squares = 0;
  for (int i = 0; i < 200; ++i) {
    documents.push_back({.nats = 100 + 10 * std::sin(i * 1.7), .tokens = 50, .bytes = 120});
  }
  double mean = 0;
  for (const DocumentSum& each : documents) mean += each.nats / 200;
  for (const DocumentSum& each : documents) squares += (each.nats - mean) * (each.nats - mean);
  const double expected = std::sqrt(squares / 200 / 200) / 50;  // a mean of 200, a token
  const BootstrapEstimate found =
      bootstrap_documents(documents, ScoreUnit::kNatsPerToken, 0, 0.95, 20'000, 1, 2);
  EXPECT_DOUBLE_EQ(found.value, mean / 50);
  EXPECT_NEAR(found.standard_error, expected, 0.02 * expected);
  EXPECT_NEAR(found.high - found.low, 2 * 1.96 * expected, 0.03 * 4 * expected);
  EXPECT_EQ(found.blocks, 200);
  EXPECT_DOUBLE_EQ(found.p, 1.0 / 20'001);
  const BootstrapEstimate bits = bootstrap_documents(documents, ScoreUnit::kBitsPerByte,
                                                     mean / 120 / std::numbers::ln2, 0.95, 4000, 1, 1);
  EXPECT_DOUBLE_EQ(bits.value, mean / 120 / std::numbers::ln2);
  EXPECT_NEAR(bits.p, 0.5, 0.05);  // the value lies on the threshold
}

TEST(BlockBootstrap, SeesThatTokensOfADocumentBelongTogether) {
  // The same tokens, all alike in a document: fewer, larger documents are less certain.
  std::mt19937_64 random(3);
  std::vector<DocumentSum> large, small;
  for (int i = 0; i < 100; ++i) {
    const double nats = static_cast<double>(random() % 1000) / 1000;
    large.push_back({.nats = nats * 64, .tokens = 64, .bytes = 64});
    for (int t = 0; t < 64; ++t) small.push_back({.nats = nats, .tokens = 1, .bytes = 1});
  }
  const auto error = [](const std::vector<DocumentSum>& documents) {
    return bootstrap_documents(documents, ScoreUnit::kNatsPerToken, 0, 0.9, 2000, 5, 2).standard_error;
  };
  EXPECT_NEAR(error(large) / error(small), 8, 0.8);
}

TEST(BlockBootstrap, IsTheSameForASeedOnAnyNumberOfThreads) {
  const std::vector<DocumentSum> documents = {{1, 2, 3}, {5, 3, 9}, {2, 2, 2}, {0, 0, 0}};
  const auto run = [&](uint64_t seed, int threads) {
    return bootstrap_documents(documents, ScoreUnit::kBitsPerByte, 0.5, 0.9, 500, seed, threads);
  };
  EXPECT_EQ(run(1, 1).high, run(1, 3).high);
  EXPECT_EQ(run(1, 1).standard_error, run(1, 3).standard_error);
  EXPECT_NE(run(1, 1).standard_error, run(2, 1).standard_error);
}

TEST(BlockBootstrap, RefusesTooLittle) {
  const std::vector<DocumentSum> one = {{1, 2, 3}}, empty = {{1, 0, 0}, {2, 0, 0}};
  EXPECT_GOLF_ERROR(bootstrap_documents(one, ScoreUnit::kNatsPerToken, 0, 0.9, 10, 1, 1),
                    ErrorCode::kInvalidArgument, "needs two at least");
  EXPECT_GOLF_ERROR(bootstrap_documents(empty, ScoreUnit::kNatsPerToken, 0, 0.9, 10, 1, 1),
                    ErrorCode::kInvalidArgument, "no text");
}

TEST(SumByDocument, PutsEachTargetIntoTheDocumentOfItsToken) {
  // Tokens 0 to 7; documents begin at tokens 2, 5 and 6. Target t is token t + 1; token 7 is not scored.
  const std::vector<uint16_t> bytes = {1, 2, 4, 8, 16, 32, 64, 128};
  const std::vector<int64_t> starts = {2, 5, 6}, targets = {0, 1, 2, 3, 4, 5, 3};
  const std::vector<double> nats = {1, 2, 3, 4, 5, 6, 10};
  const std::vector<DocumentSum> sums = sum_by_document(nats, targets, bytes, starts);
  ASSERT_EQ(sums.size(), 4U);
  EXPECT_EQ(sums[0].nats, 1);
  EXPECT_EQ(sums[1].nats, 19);
  EXPECT_EQ(sums[1].tokens, 4);
  EXPECT_EQ(sums[1].bytes, 4 + 8 + 16 + 16);
  EXPECT_EQ(sums[2].bytes, 32);
  EXPECT_EQ(sums[3].bytes, 64);
}

}  // namespace
}  // namespace golf
