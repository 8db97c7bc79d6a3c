#include "quantize/step_grid.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>

#include "support/error_matchers.h"

namespace golf {
namespace {

StoredTensor matrix(Encoding encoding) {
  StoredTensor stored{.name = "w", .encoding = encoding, .bits = 8};
  stored.values = make_tensor<int8_t>(DType::kI8, {2, 3}, std::vector<int8_t>{1, -2, 3, -128, 127, 0});
  stored.scales = make_tensor<int8_t>(DType::kI8, {0}, std::vector<int8_t>{});
  stored.grid = {.step = 0.5F};
  return stored;
}

StoredTensor with_all_offsets() {
  StoredTensor stored = matrix(Encoding::kUniform);
  stored.grid = {.step = 0.5F, .row_offsets = true, .column_offsets = true};
  stored.scales = make_tensor<int8_t>(DType::kI8, {5}, std::vector<int8_t>{0, 8, -8, 0, 16});
  return stored;
}

std::vector<float> decoded(const StoredTensor& stored) {
  const Tensor weights = dequantize(stored);
  const auto values = weights.values<float>();
  return {values.begin(), values.end()};
}

TEST(StepGrid, FactorsAreEighthsOfAnOctave) {
  EXPECT_EQ(offset_factor(0), 1.0F);
  EXPECT_EQ(offset_factor(8), 2.0F);
  EXPECT_EQ(offset_factor(-128), 0x1p-16F);
  EXPECT_EQ(offset_factor(1), 0x1.172b84p+0F) << "the float32 nearest to 2^(1/8)";
  for (int offset = -128; offset < 128; ++offset) {
    const auto narrow = static_cast<int8_t>(offset);
    EXPECT_EQ(offset_factor(narrow), static_cast<float>(std::exp2(offset / 8.0))) << offset;
    EXPECT_EQ(nearest_offset(offset_factor(narrow), 128), narrow);
  }
}

TEST(StepGrid, DecodesOneStepAndStepsOfRowsAndColumns) {
  EXPECT_EQ(decoded(matrix(Encoding::kUniform)), (std::vector<float>{0.5F, -1, 1.5F, -64, 63.5F, 0}));
  EXPECT_EQ(decoded(with_all_offsets()), (std::vector<float>{0.25F, -1, 6, -64, 127, 0}));
  StoredTensor columns = with_all_offsets();
  columns.grid.row_offsets = false;
  columns.scales = make_tensor<int8_t>(DType::kI8, {3}, std::vector<int8_t>{-8, 0, 16});
  EXPECT_EQ(decoded(columns), (std::vector<float>{0.25F, -1, 6, -32, 63.5F, 0}));
}

TEST(StepGrid, DecodesATrellisDownItsColumns) {
  // Column 0: 1 in state 0 is level 2 and leads to state 1, where -128 is level -255. Column 1: -2 leads back
  // to state 0. Column 2: 3 is level 6 and leads to state 1, where 0 is level 1.
  EXPECT_EQ(decoded(matrix(Encoding::kTrellis)), (std::vector<float>{1, -2, 3, -127.5F, 127, 0.5F}));
}

TEST(StepGrid, DecodesTrellisesOfMoreStates) {
  // Column 0 with 256 states: 1 in state 0 is level 2 and leads to state 121, where -128 is level -255.
  // Column 1: -2 is level -4 and leads to 0. Column 2: 3 is level 6 and leads to 121, where 0 is level 1.
  EXPECT_EQ(decoded(matrix(Encoding::kTrellis256)), (std::vector<float>{1, -2, 3, -127.5F, 127, 0.5F}));
  // With 64 states odd values lead to state 10, which is even.
  EXPECT_EQ(decoded(matrix(Encoding::kTrellis64)), (std::vector<float>{1, -2, 3, -128, 127, 0}));
}

TEST(StepGrid, TakesAnyRankWithOneStep) {
  StoredTensor stored = matrix(Encoding::kUniform);
  stored.values.shape = {6};
  EXPECT_EQ(decoded(stored).size(), 6U);
  stored.values = make_tensor(DType::kI8, {0, 1000000});
  stored.encoding = Encoding::kTrellis;
  EXPECT_TRUE(decoded(stored).empty());
}

void expect_refused(StoredTensor stored, const std::function<void(StoredTensor&)>& damage,
                    const std::string& part) {
  damage(stored);
  EXPECT_GOLF_ERROR(dequantize(stored), ErrorCode::kCorruptData, "tensor \"w\": " + part);
}

TEST(StepGrid, RefusesPartsThatDoNotBelongTogether) {
  const StoredTensor sound = with_all_offsets();
  expect_refused(
      sound, [](auto& t) { t.bits = 7; }, "integers of 7 bits on a grid, 8 expected");
  expect_refused(
      sound, [](auto& t) { t.values.dtype = DType::kU8; }, "int8 values expected, uint8 found");
  expect_refused(
      sound, [](auto& t) { t.original_dtype = DType::kI64; }, "integers stand for int64 values");
  expect_refused(
      sound, [](auto& t) { t.scales.dtype = DType::kU8; }, "int8 offsets expected, uint8 found");
  expect_refused(
      sound, [](auto& t) { t.scales.shape = {4}; }, "offsets [5] expected, [4] found");
  expect_refused(
      sound, [](auto& t) { t.grid.row_offsets = false; }, "offsets [3] expected, [5] found");
  expect_refused(
      sound, [](auto& t) { t.values.shape = {6}; }, "a trellis and steps per row or column need");
  for (const float step : {0.0F, -1.0F, std::numeric_limits<float>::infinity(), 1e-40F,
                           std::numeric_limits<float>::quiet_NaN()}) {
    expect_refused(
        sound, [step](auto& t) { t.grid.step = step; }, "a step of ");
  }
  for (const Encoding encoding : {Encoding::kTrellis, Encoding::kTrellis64, Encoding::kTrellis256}) {
    expect_refused(
        matrix(encoding), [](auto& t) { t.values.shape = {6}; }, "a trellis and steps");
  }
}

}  // namespace
}  // namespace golf
