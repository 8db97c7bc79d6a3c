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

SizeMap model() {
  SizeMap sizes{.file_bytes = 10'000};
  for (int layer = 0; layer < 2; ++layer) {
    for (const char* part : {"attn.c_q", "mlp.fc"}) {
      sizes.rows.push_back({.tensor = "gpt.blocks." + std::to_string(layer) + "." + part + ".weight",
                            .group = std::string(part).starts_with("attn") ? "attention" : "mlp",
                            .layer = layer,
                            .scheme = "int6",
                            .bytes = layer == 0 ? 3'000U : 1'900U,
                            .elements = 4'000});
    }
  }
  sizes.rows.push_back({.group = "container", .part = BytePart::kContainer, .bytes = 200});
  return sizes;
}

TEST(Treemap, HasTheBoxesThatTheTableHas) {
  const auto titles = [](BreakdownKey by) {
    const std::string svg = treemap_svg("a", "b", model(), by);
    std::vector<std::string> found;
    for (const char* title :
         {"attention  4,900", "mlp  4,900", "layer 0  6,000", "layer 1  3,800", "int6  9,800"}) {
      if (svg.find(title) != std::string::npos) found.emplace_back(title);
    }
    return found;
  };
  using Titles = std::vector<std::string>;
  EXPECT_EQ(titles(BreakdownKey::kGroup), (Titles{"attention  4,900", "mlp  4,900"}));
  EXPECT_EQ(titles(BreakdownKey::kLayer), (Titles{"layer 0  6,000", "layer 1  3,800"}));
  EXPECT_EQ(titles(BreakdownKey::kScheme), (Titles{"int6  9,800"}));
  EXPECT_EQ(titles(BreakdownKey::kTensor), (Titles{}));
}

TEST(Treemap, KeepsTheLayerInANameUnderAnyPrefix) {
  const std::string svg = treemap_svg("a", "b", model());
  for (const char* name : {">0.attn.c_q<", ">1.attn.c_q<", ">0.mlp.fc<", ">1.mlp.fc<"}) {
    EXPECT_NE(svg.find(name), std::string::npos) << name;
  }
}

TEST(Treemap, ShowsWhatIsFreeOfTheBudget) {
  BudgetReport budget{.limit_bytes = 16'000, .artifact_bytes = 10'000, .code = {{"train.py", 1'000}}};
  EXPECT_EQ(treemap_svg("a", "b", model()).find("free"), std::string::npos);
  std::string svg = treemap_svg("a", "b", model(), BreakdownKey::kGroup, budget);
  EXPECT_NE(svg.find("<title>free: 5,000 bytes"), std::string::npos);
  EXPECT_NE(svg.find("<title>code: 1,000 bytes"), std::string::npos);
  EXPECT_NE(svg.find("11,000 of 16,000 bytes with code: fits, 5,000 bytes left (31.2%)"), std::string::npos);
  budget.limit_bytes = 10'500;
  svg = treemap_svg("a", "b", model(), BreakdownKey::kGroup, budget);
  EXPECT_EQ(svg.find("<title>free"), std::string::npos);
  EXPECT_NE(svg.find("OVER by 500 bytes"), std::string::npos);
  EXPECT_NE(svg.find("#d62728"), std::string::npos) << "a line at the limit";
}

}  // namespace
}  // namespace golf
