#include "golf/score/ngram_table.h"

#include <gtest/gtest.h>

#include <array>
#include <map>
#include <random>

#include "support/error_matchers.h"
#include "unit/score/ngram_table_cells.h"

namespace golf {
namespace {

constexpr std::array<uint64_t, 7> kPrimes = {36313, 27191, 51647, 81929, 131071, 196613, 262147};

std::vector<uint16_t> random_tokens(size_t count, unsigned range) {
  std::mt19937 random(11);
  std::vector<uint16_t> tokens;
  for (size_t i = 0; i < count; ++i) tokens.push_back(static_cast<uint16_t>(random() % range));
  return tokens;
}

/// The specification word for word: hashes from scratch, one map for each table.
struct PlainTables {
  const std::vector<uint16_t>& stream;
  uint64_t buckets;
  std::map<std::pair<int, uint64_t>, uint32_t> contexts = {};
  std::map<std::pair<int, uint64_t>, uint32_t> fulls = {};

  uint64_t context_hash(int order, int64_t target) const {
    const int w = order - 1;
    uint64_t hash = 0;
    for (int k = 0; k < w; ++k) {
      int64_t at = target + 1 - w + k;
      if (at < 0) at += static_cast<int64_t>(stream.size());
      hash ^= stream.at(static_cast<size_t>(at)) * kPrimes[static_cast<size_t>(k % 7)];
    }
    return hash;
  }
  uint64_t full_hash(int order, int64_t target, uint16_t token) const {
    return context_hash(order, target) ^ (token * kPrimes[static_cast<size_t>((order - 1) % 7)]);
  }
  void add(int order, int64_t target) {
    ++contexts[{order, context_hash(order, target) & (buckets - 1)}];
    ++fulls[{order, full_hash(order, target, stream[static_cast<size_t>(target) + 1]) & (buckets - 1)}];
  }
};

TEST(NgramTable, OfASingleOrderLeavesOutTargetsWithoutEnoughTokensBeforeThem) {
  const std::vector<uint16_t> stream(20, 3);
  NgramTable table(5, 5, 1024);
  table.seek(stream, 0, 10);  // targets 0 … 2 have 1 … 3 tokens before them
  table.add_run();
  table.seek(stream, 0, 10);
  for (int64_t i = 0; i < 3; ++i) EXPECT_EQ(table.longest_match(i, 1).order, 0) << i;
  for (int64_t i = 3; i < 10; ++i) EXPECT_EQ(table.longest_match(i, 1).context_count, 7U) << i;
}

class NgramTableOrders : public ::testing::TestWithParam<std::pair<int, int>> {};

TEST_P(NgramTableOrders, CountsWhatTheFormulaSays) {
  const auto [min_order, max_order] = GetParam();
  const std::vector<uint16_t> stream = random_tokens(400, 7);
  NgramTable table(min_order, max_order, 1024);
  PlainTables plain{stream, 1024};
  // Runs as an evaluation makes them: a long one, short ones, and the end again and again.
  for (const auto& [first, count] : std::vector<std::pair<int64_t, int64_t>>{
           {0, 100}, {100, 30}, {130, 1}, {360, 39}, {380, 19}, {380, 19}}) {
    table.seek(stream, first, count);
    table.add_run();
    for (int64_t t = first; t < first + count; ++t) {
      if (min_order == max_order && t < max_order - 2) continue;  // a single order leaves these out
      for (int order = min_order; order <= max_order; ++order) plain.add(order, t);
    }
  }
  for (int order = min_order; order <= max_order; ++order) {
    for (int64_t b = 0; b < 1024; ++b) {
      const auto key = std::pair(order, static_cast<uint64_t>(b));
      ASSERT_EQ(NgramTableCells{table}.context_count(order, b), plain.contexts[key]) << order << " " << b;
      ASSERT_EQ(NgramTableCells{table}.full_count(order, b), plain.fulls[key]) << order << " " << b;
    }
  }
  table.seek(stream, 131, 229);
  for (int64_t i = 0; i < 229; ++i) {
    const NgramTable::Match match = table.longest_match(i, 3);
    int expected_order = 0;
    for (int order = min_order; order <= max_order; ++order) {
      if (plain.contexts[{order, plain.context_hash(order, 131 + i) & 1023}] >= 3) expected_order = order;
    }
    ASSERT_EQ(match.order, expected_order);
    if (match.order == 0) continue;
    const uint16_t token = stream[static_cast<size_t>(132 + i)];
    EXPECT_EQ(match.full_count, table.full_count(i, match.order, token));
    for (uint16_t other = 0; other < 9; ++other) {
      const uint64_t bucket = plain.full_hash(match.order, 131 + i, other) & 1023;
      EXPECT_EQ(table.full_count(i, match.order, other), (plain.fulls[{match.order, bucket}]));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Ranges, NgramTableOrders,
                         ::testing::Values(std::pair{2, 7}, std::pair{2, 2}, std::pair{5, 5}, std::pair{3, 4},
                                           std::pair{2, 9}));

TEST(NgramTable, WrapsToTheEndOfTheStream) {
  const std::vector<uint16_t> stream = {5, 1, 2, 3, 4};
  NgramTable table(3, 4, 1024);
  table.seek(stream, 0, 1);
  table.add_run();
  // The target is token 1; the three tokens before it are 3, 4 (the last two) and 5.
  const uint64_t context = (3 * kPrimes[0]) ^ (4 * kPrimes[1]) ^ (5 * kPrimes[2]);
  EXPECT_EQ(NgramTableCells{table}.context_count(4, static_cast<int64_t>(context & 1023)), 1U);
}

TEST(NgramTable, ClearForgetsEverything) {
  const std::vector<uint16_t> stream = random_tokens(100, 3);
  NgramTable table(2, 3, 1024);
  table.seek(stream, 0, 99);
  table.add_run();
  EXPECT_NE(table.longest_match(5, 1).order, 0);
  table.clear();
  EXPECT_EQ(table.longest_match(5, 1).order, 0);
}

TEST(NgramTable, TakesNoMoreMemoryThanThePublishedTables) {
  EXPECT_EQ(NgramTable(2, 7, 4'194'304).bytes(), 12 * 4'194'304 * 4);
}

TEST(NgramTable, RefusesWhatThePublishedCodeRefuses) {
  EXPECT_GOLF_ERROR(NgramTable(1, 7, 1024), ErrorCode::kInvalidArgument, "orders 1 to 7");
  EXPECT_GOLF_ERROR(NgramTable(5, 4, 1024), ErrorCode::kInvalidArgument, "orders 5 to 4");
  EXPECT_GOLF_ERROR(NgramTable(2, 7, 512), ErrorCode::kInvalidArgument, "512 buckets");
  EXPECT_GOLF_ERROR(NgramTable(2, 7, 3000), ErrorCode::kInvalidArgument, "power of two");
}

}  // namespace
}  // namespace golf
