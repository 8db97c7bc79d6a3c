#include "golf/artifact/budget/size_map.h"

#include <gtest/gtest.h>

#include <numeric>
#include <random>

namespace golf {
namespace {

using Shares = std::vector<uint64_t>;

TEST(Apportion, SplitsInProportionWithTheLargestRemaindersFirst) {
  EXPECT_EQ(apportion(10, {1, 1}), (Shares{5, 5}));
  EXPECT_EQ(apportion(10, {1, 1, 1}), (Shares{4, 3, 3}));
  EXPECT_EQ(apportion(7, {3, 1, 2}), (Shares{4, 1, 2}));  // 3.5, 1.17, 2.33
  EXPECT_EQ(apportion(0, {5, 6}), (Shares{0, 0}));
  EXPECT_EQ(apportion(3, {0, 0}), (Shares{3, 0}));
  EXPECT_EQ(apportion(3, {0, 9, 0}), (Shares{0, 3, 0}));
  EXPECT_TRUE(apportion(3, {}).empty());
}

TEST(Apportion, SumsExactlyForLargeAndUnevenWeights) {
  std::mt19937_64 generator(1);
  for (int round = 0; round < 100; ++round) {
    Shares weights(1 + generator() % 50);
    for (uint64_t& weight : weights) weight = generator() >> (generator() % 60);
    const uint64_t total = generator() >> (generator() % 60);
    const Shares shares = apportion(total, weights);
    EXPECT_EQ(std::accumulate(shares.begin(), shares.end(), uint64_t{0}), total);
  }
}

TEST(SizeMap, SumsItsRows) {
  SizeMap map;
  map.rows.push_back({.tensor = "a", .bytes = 3});
  map.rows.push_back({.part = BytePart::kContainer, .bytes = 4});
  EXPECT_EQ(map.sum(), 7U);
  EXPECT_EQ(part_name(map.rows[1].part), "container");
}

}  // namespace
}  // namespace golf
