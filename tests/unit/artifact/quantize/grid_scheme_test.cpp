#include <gtest/gtest.h>

#include <cmath>

#include "golf/artifact/base/half.h"
#include "quantize/error_feedback.h"
#include "quantize/step_grid.h"
#include "quantize_inputs.h"
#include "support/error_matchers.h"

namespace golf {
namespace {

StoredTensor on_grid(const Tensor& weights, const GridChoice& choice, const HessianFactor* factor = nullptr) {
  StoredTensor stored = make_grid(weights, weights.values<float>(), choice);
  choose_values(weights.values<float>(), factor, stored);
  return stored;
}

double relative_error(const Tensor& weights, const StoredTensor& stored) {
  return test::output_error(weights, stored) / static_cast<double>(weights.elements());
}

TEST(UniformGrid, RoundsEveryWeightToTheNearestStep) {
  const Tensor weights = test::bell_matrix(40, 30);
  const StoredTensor stored = on_grid(weights, {.step_size = 0.25});
  EXPECT_EQ(stored.grid, (StepGrid{.step = 0.25F}));
  const Tensor decoded = dequantize(stored);
  for (size_t i = 0; i < 1200; ++i) {
    EXPECT_LE(std::fabs(decoded.values<float>()[i] - weights.values<float>()[i]), 0.125F);
  }
  EXPECT_NEAR(relative_error(weights, stored), 0.25 * 0.25 / 12, 0.0003);
}

TEST(UniformGrid, TrellisOfTheSameSpacingErrsADecibelLess) {
  const Tensor weights = test::bell_matrix(400, 30);
  const double uniform = relative_error(weights, on_grid(weights, {.step_size = 0.25}));
  const double trellis =
      relative_error(weights, on_grid(weights, {.encoding = Encoding::kTrellis, .step_size = 0.25}));
  EXPECT_NEAR(10 * std::log10(uniform / trellis), 1.05, 0.15);
}

TEST(UniformGrid, RowsThatReachTooFarGetLargerStepsAndAreNotClipped) {
  for (const Encoding encoding : {Encoding::kUniform, Encoding::kTrellis}) {
    Tensor weights = test::bell_matrix(4, 30, 0.1);
    weights.values<float>()[37] = 5.0F;  // row 1: 500 steps of 0.01
    const StoredTensor stored = on_grid(weights, {.encoding = encoding, .step_size = 0.01});
    ASSERT_TRUE(stored.grid.row_offsets);
    const GridSteps steps(stored);
    EXPECT_EQ(steps.at(0, 0), stored.grid.step);
    EXPECT_GT(steps.at(1, 0), 3.9F * stored.grid.step);
    EXPECT_LT(steps.at(1, 0), 4.8F * stored.grid.step);
    const Tensor decoded = dequantize(stored);
    EXPECT_NEAR(decoded.values<float>()[37], 5.0F, steps.at(1, 0));
  }
}

TEST(UniformGrid, OtherRanksGetOneLargerStep) {
  const std::vector<float> values = {0.01F, 5.0F};
  const Tensor weights = make_tensor<float>(DType::kF32, {2}, values);
  const StoredTensor stored = on_grid(weights, {.step_size = 0.01});
  EXPECT_EQ(stored.values.values<int8_t>()[1], 127);
  EXPECT_NEAR(dequantize(stored).values<float>()[1], 5.0F, 0.02F);
}

TEST(UniformGrid, ColumnStepsGoWithTheInverseRootOfTheirWeights) {
  const Tensor weights = test::bell_matrix(8, 3);
  const std::vector<double> column_weights = {1, 16, 0.0625};
  const StoredTensor stored = on_grid(weights, {.step_size = 0.25, .column_weights = column_weights});
  const GridSteps steps(stored);
  EXPECT_EQ(steps.at(0, 0), 0.25F);
  EXPECT_EQ(steps.at(7, 1), 0.0625F);
  EXPECT_EQ(steps.at(3, 2), 1.0F);
}

TEST(UniformGrid, RowStepsGoWithTheInverseRootOfTheirWeights) {
  const Tensor weights = test::bell_matrix(4, 30);
  const std::vector<double> row_weights = {16.0, 1.0, 1.0, 1.0 / 16};
  const StoredTensor stored = on_grid(weights, {.step_size = 0.25, .row_weights = row_weights});
  const GridSteps steps(stored);
  EXPECT_FLOAT_EQ(steps.at(0, 7), 0.0625F);
  EXPECT_FLOAT_EQ(steps.at(1, 7), 0.25F);
  EXPECT_FLOAT_EQ(steps.at(3, 7), 1.0F);
}

TEST(UniformGrid, AColumnThatCountsMostDoesNotCoarsenTheOthers) {
  const Tensor weights = test::bell_matrix(60, 16);
  std::vector<double> column_weights(16, 1.0);
  column_weights[3] = 1e8;  // steps 10,000 times finer: far beyond ±127
  const StoredTensor stored = on_grid(weights, {.step_size = 0.1, .column_weights = column_weights});
  EXPECT_FALSE(stored.grid.row_offsets);
  const GridSteps steps(stored);
  // The geometric mean is as asked for but for what the one column could not have.
  EXPECT_NEAR(std::log2(steps.at(0, 0) / 0.1), std::log2(1e8) / 2 / 16, 0.13);
  EXPECT_NEAR(std::log2(steps.at(0, 3)), std::log2(4.0 / 127.0), 0.3) << "127 steps are four deviations";
}

TEST(UniformGrid, RefusesStepsThatCannotBe) {
  const Tensor weights = test::bell_matrix(2, 2);
  for (const double spacing : {0.0, 1e-60, 1e60}) {
    EXPECT_GOLF_ERROR(on_grid(weights, {.step_size = spacing}), ErrorCode::kUnsupported,
                      "does not fit in float32");
  }
  Tensor spread = test::bell_matrix(2, 2);
  spread.values<float>()[0] = 1e30F;
  EXPECT_GOLF_ERROR(on_grid(spread, {.step_size = 0.01}), ErrorCode::kUnsupported, "row 0 reaches");
}

TEST(ErrorFeedback, LowersTheOutputErrorOfEveryGrid) {
  const Tensor weights = test::bell_matrix(64, 48);
  const Tensor hessian = test::hessian_of(48);
  const auto h = hessian.values<float>();
  const HessianFactor factor = factor_hessian(h, ColumnOrder::kNatural);
  StoredTensor rows = test::store_as("int6", weights);
  const double plain_rows = test::output_error(weights, rows, h);
  choose_values(weights.values<float>(), &factor, rows);
  EXPECT_LT(test::output_error(weights, rows, h), 0.6 * plain_rows);
  for (const Encoding encoding : {Encoding::kUniform, Encoding::kTrellis}) {
    GridChoice choice{.encoding = encoding, .step_size = 0.2};
    const double plain = test::output_error(weights, on_grid(weights, choice), h);
    choice.feedback = true;
    const double fed_back = test::output_error(weights, on_grid(weights, choice, &factor), h);
    EXPECT_LT(fed_back, 0.6 * plain);
    choice.column_weights = factor.variances;
    EXPECT_LT(test::output_error(weights, on_grid(weights, choice, &factor), h), 0.9 * fed_back);
  }
}

TEST(DeviationClip, ClipsRowsAtTheirDeviations) {
  const std::vector<float> values = {1, -1, 1, -1, 9, -3, -3, -3};
  const Tensor weights = make_tensor<float>(DType::kF32, {2, 4}, values);
  const StoredTensor stored = test::store_as("int6-sd:1.5", weights);
  const auto scales = stored.scales.values<uint16_t>();
  EXPECT_EQ(scales[0], f32_to_f16(static_cast<float>(1.5 * std::sqrt(4.0 / 3) / 31)));
  EXPECT_EQ(scales[1], f32_to_f16(static_cast<float>(1.5 * 6 / 31)));
  EXPECT_EQ(stored.values.values<int8_t>()[4], 31) << "9 is clipped near 1.5 · 6 = 9";
  EXPECT_EQ(stored.values.values<int8_t>()[5], -10);
  const StoredTensor tight = test::store_as("int4-sd:0.5", weights);
  EXPECT_EQ(tight.values.values<int8_t>()[4], 7);
  EXPECT_EQ(tight.bits, 4);
}

TEST(DeviationClip, TakesRowsWithoutDeviationAndOtherRanks) {
  const Tensor flat = make_tensor<float>(DType::kF32, {2, 1}, std::vector<float>{0, 3});
  EXPECT_EQ(f16_to_f32(test::store_as("int6-sd:12", flat).scales.values<uint16_t>()[1]), 0x1p-14F);
  const Tensor vector = make_tensor<float>(DType::kF32, {2}, std::vector<float>{1, -1});
  const StoredTensor stored = test::store_as("int8-sd:2", vector);
  EXPECT_EQ(stored.encoding, Encoding::kIntPerTensor);
  EXPECT_FLOAT_EQ(stored.scales.values<float>()[0], static_cast<float>(2 * std::sqrt(2.0) / 127));
}

}  // namespace
}  // namespace golf
