#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "golf/score/cache_weight.h"

namespace golf {
namespace {

TEST(LearnedWeight, StartsAtThePriorAndMovesToTheMeanResponsibility) {
  LearnedWeight weight(3);
  const auto of = weight.classify(2, 1.2F, 0.5);
  EXPECT_DOUBLE_EQ(weight.at(of), 0.3);
  weight.learn(of, 1.0);
  EXPECT_DOUBLE_EQ(weight.at(of), 4.0 / 11);
  for (int i = 0; i < 100'000; ++i) weight.learn(of, 0.9);
  EXPECT_NEAR(weight.at(of), 0.9, 1e-3);
  EXPECT_DOUBLE_EQ(weight.at(weight.classify(3, 1.2F, 0.5)), 0.3);
}

TEST(LearnedWeight, TellsClassesApart) {
  const LearnedWeight weight(6);
  const auto base = weight.classify(2, 1.2F, 0.5);
  EXPECT_EQ(base, weight.classify(2, 1.4F, 0.6));
  EXPECT_NE(base, weight.classify(3, 1.2F, 0.5));
  EXPECT_NE(base, weight.classify(2, 1.6F, 0.5));
  EXPECT_NE(base, weight.classify(2, 1.2F, 0.7));
}

TEST(LearnedWeight, HasAClassForEveryValue) {
  LearnedWeight weight(2);
  const float infinity = std::numeric_limits<float>::infinity();
  for (const float entropy : {-1.0F, 0.0F, 100.0F, infinity, -infinity, NAN}) {
    for (const double mass : {0.0, 1.0}) EXPECT_DOUBLE_EQ(weight.at(weight.classify(2, entropy, mass)), 0.3);
  }
}

}  // namespace
}  // namespace golf
