#include "quantize/trellis.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "quantize_inputs.h"

namespace golf {
namespace {

struct Encoded {
  std::vector<int8_t> quantized;
  std::vector<float> decoded;
};

Encoded encode(const std::vector<float>& targets, const std::vector<float>& steps) {
  Encoded result{std::vector<int8_t>(targets.size()), std::vector<float>(targets.size())};
  TrellisEncoder().encode(targets, steps, result.quantized, result.decoded);
  return result;
}

/// Of the errors in steps.
double squared_error(const std::vector<float>& targets, const std::vector<float>& decoded,
                     const std::vector<float>& steps) {
  double sum = 0.0;
  for (size_t i = 0; i < targets.size(); ++i) {
    const double error = static_cast<double>(targets[i]) - static_cast<double>(decoded[i]);
    sum += std::pow(error / static_cast<double>(steps[i]), 2.0);
  }
  return sum;
}

/// The least error over all integers in ±3.
double least_error(const std::vector<float>& targets, const std::vector<float>& steps, size_t at,
                   uint8_t state) {
  if (at == targets.size()) return 0.0;
  double least = std::numeric_limits<double>::infinity();
  for (int q = -3; q <= 3; ++q) {
    const double error =
        static_cast<double>(targets[at]) / static_cast<double>(steps[at]) - trellis::level(state, q);
    least = std::min(least, error * error + least_error(targets, steps, at + 1, trellis::next(state, q)));
  }
  return least;
}

TEST(Trellis, EveryStateIsReachedFromTwoAndLeadsToTwo) {
  std::vector<int> reached(trellis::kStates);
  for (uint8_t state = 0; state < trellis::kStates; ++state) {
    EXPECT_NE(trellis::next(state, 0), trellis::next(state, 1));
    EXPECT_EQ(trellis::next(state, -1), trellis::next(state, 1)) << "parity decides, of negatives too";
    EXPECT_EQ(trellis::next(state, -128), trellis::next(state, 0));
    for (const int q : {0, 1}) ++reached[trellis::next(state, q)];
  }
  EXPECT_EQ(reached, std::vector<int>(trellis::kStates, 2));
}

TEST(Trellis, FindsTheBestPath) {
  for (uint32_t seed = 1; seed <= 20; ++seed) {
    const std::vector<float> targets = test::bell(6, 2.0, seed);
    const std::vector<float> steps =
        seed % 2 == 0 ? std::vector<float>(6, 1.0F) : std::vector<float>{1, 1, 2, 0.5F, 1, 1};
    const Encoded encoded = encode(targets, steps);
    EXPECT_NEAR(squared_error(targets, encoded.decoded, steps), least_error(targets, steps, 0, 0), 1e-4)
        << seed;
  }
}

TEST(Trellis, DecodedIsWhatItsIntegersMean) {
  const std::vector<float> targets = test::bell(500, 30.0, 3);
  const std::vector<float> steps(500, 0.7F);
  const Encoded encoded = encode(targets, steps);
  uint8_t state = trellis::kFirstState;
  for (size_t i = 0; i < targets.size(); ++i) {
    const int q = encoded.quantized[i];
    ASSERT_EQ(encoded.decoded[i], static_cast<float>(trellis::level(state, q)) * 0.7F) << i;
    state = trellis::next(state, q);
  }
}

TEST(Trellis, KeepsItsIntegersInRange) {
  for (const float far : {1e6F, -1e6F}) {
    const Encoded encoded = encode(std::vector<float>(9, far), std::vector<float>(9, 1.0F));
    for (const int8_t q : encoded.quantized) EXPECT_LE(std::abs(int{q}), 127);
    for (const float level : encoded.decoded) EXPECT_GE(std::fabs(level), 249.0F);
  }
}

TEST(Trellis, GainsOneDecibelOverRounding) {
  // Rounding to every other level, the same rate, errs by step²/3 on average.
  const std::vector<float> targets = test::bell(20000, 20.0, 4);
  const std::vector<float> steps(targets.size(), 1.0F);
  const Encoded encoded = encode(targets, steps);
  const double mean = squared_error(targets, encoded.decoded, steps) / static_cast<double>(targets.size());
  const double gain = 10 * std::log10(1.0 / 3.0 / mean);
  EXPECT_GT(gain, 1.0) << "published: 1.09 dB for 8 states";
  EXPECT_LT(gain, 1.2);
}

}  // namespace
}  // namespace golf
