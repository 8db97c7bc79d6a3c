#include <gtest/gtest.h>

#include <algorithm>

#include "draw/pictures.h"

namespace golf {
namespace {

TEST(Squarify, GivesAreasInProportionInTheOrderOfTheWeights) {
  const std::vector<double> weights = {1, 6, 2, 3, 2, 4, 6};
  const std::vector<Rect> rects = squarify(weights, {10, 20, 600, 400});
  ASSERT_EQ(rects.size(), weights.size());
  for (size_t i = 0; i < weights.size(); ++i) EXPECT_NEAR(rects[i].area(), weights[i] * 10'000, 1e-6);
}

TEST(Squarify, TilesTheBoxWithoutOverlap) {
  const std::vector<Rect> rects = squarify({5, 1, 9, 2, 2, 7, 0.5}, {0, 0, 300, 500});
  for (size_t i = 0; i < rects.size(); ++i) {
    EXPECT_GE(rects[i].x, -1e-9);
    EXPECT_LE(rects[i].x + rects[i].width, 300 + 1e-9);
    EXPECT_LE(rects[i].y + rects[i].height, 500 + 1e-9);
    for (size_t j = 0; j < i; ++j) {
      const double width = std::min(rects[i].x + rects[i].width, rects[j].x + rects[j].width) -
                           std::max(rects[i].x, rects[j].x);
      const double height = std::min(rects[i].y + rects[i].height, rects[j].y + rects[j].height) -
                            std::max(rects[i].y, rects[j].y);
      EXPECT_TRUE(width < 1e-9 || height < 1e-9) << i << " overlaps " << j;
    }
  }
}

TEST(Squarify, KeepsEqualWeightsNearSquare) {
  for (const Rect& rect : squarify(std::vector<double>(9, 1.0), {0, 0, 300, 300})) {
    EXPECT_NEAR(rect.width, 100, 1e-9);
    EXPECT_NEAR(rect.height, 100, 1e-9);
  }
}

TEST(Squarify, SurvivesNothingAndAnEmptyBox) {
  EXPECT_TRUE(squarify({}, {0, 0, 10, 10}).empty());
  EXPECT_EQ(squarify({1, 2}, {0, 0, 0, 10}).size(), 2U);
}

}  // namespace
}  // namespace golf
