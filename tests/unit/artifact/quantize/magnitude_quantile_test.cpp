#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "quantize/float_values.h"

namespace golf {
namespace {

constexpr double kClip = 0.9999984;

/// The definition, with a full sort.
float sorted_quantile(std::vector<float> values, double q) {
  for (float& value : values) value = std::fabs(value);
  std::sort(values.begin(), values.end());
  const double position = static_cast<double>(static_cast<float>(q)) * static_cast<double>(values.size() - 1);
  const auto below = static_cast<size_t>(position);
  const size_t above = std::min(below + 1, values.size() - 1);
  const auto weight = static_cast<float>(position - static_cast<double>(below));
  const float span = values[above] - values[below];
  return weight < 0.5F ? values[below] + weight * span : values[above] - span * (1.0F - weight);
}

TEST(MagnitudeQuantile, EqualsItsDefinitionOnASortedRow) {
  std::mt19937 generator(1);
  std::normal_distribution<float> normal;
  for (const size_t count : {1U, 2U, 3U, 4U, 5U, 128U, 512U, 1537U, 70'001U}) {
    std::vector<float> values(count);
    for (float& value : values) value = normal(generator);
    for (const double q : {kClip, 0.0, 0.25, 0.5, 0.999, 1.0}) {
      EXPECT_EQ(magnitude_quantile(values, q), sorted_quantile(values, q)) << count << " " << q;
    }
  }
}

TEST(MagnitudeQuantile, TakesMagnitudesAndTies) {
  EXPECT_EQ(magnitude_quantile(std::vector<float>{-4.0F, 4.0F, -4.0F}, kClip), 4.0F);
  EXPECT_EQ(magnitude_quantile(std::vector<float>{0.0F, -0.0F}, kClip), 0.0F);
  EXPECT_EQ(magnitude_quantile({}, kClip), 0.0F);
  EXPECT_EQ(magnitude_quantile(std::vector<float>{-2.5F}, kClip), 2.5F);
}

}  // namespace
}  // namespace golf
