#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "golf/artifact/base/half.h"
#include "quantize_inputs.h"
#include "support/error_matchers.h"

namespace golf {
namespace {

Tensor matrix(Shape shape, const std::vector<float>& values) {
  return make_tensor<float>(DType::kF32, std::move(shape), values);
}

StoredTensor store_per_row(const Tensor& tensor, int bits) {
  return test::store_as("int" + std::to_string(bits), tensor);
}

TEST(IntPerRow, UsesTheWholeSymmetricRangeOfEachRow) {
  const StoredTensor stored = store_per_row(matrix({2, 3}, {31, -31, 15.5F, 0.5F, -62, 0}), 6);
  EXPECT_EQ(stored.encoding, Encoding::kIntPerRow);
  EXPECT_EQ(stored.scheme(), "int6");
  EXPECT_EQ(f16_to_f32(stored.scales.values<uint16_t>()[0]), 1.0F);
  EXPECT_EQ(f16_to_f32(stored.scales.values<uint16_t>()[1]), 2.0F);
  const auto q = stored.values.values<int8_t>();
  EXPECT_EQ(std::vector<int>(q.begin(), q.end()), (std::vector<int>{31, -31, 16, 0, -31, 0}));
}

TEST(IntPerRow, RoundsTiesToEven) {
  const StoredTensor stored = store_per_row(matrix({1, 6}, {127, 0.5F, 1.5F, 2.5F, -0.5F, -3.5F}), 8);
  const auto q = stored.values.values<int8_t>();
  EXPECT_EQ(std::vector<int>(q.begin(), q.end()), (std::vector<int>{127, 0, 2, 2, 0, -4}));
}

TEST(IntPerRow, ErrsByHalfAStepAtMost) {
  std::mt19937 generator(3);
  std::normal_distribution<float> normal(0.0F, 0.02F);
  std::vector<float> weights(64 * 96);
  for (float& weight : weights) weight = normal(generator);
  for (int bits = 4; bits <= 8; ++bits) {
    const StoredTensor stored = store_per_row(matrix({64, 96}, weights), bits);
    const Tensor restored = dequantize(stored);
    for (size_t i = 0; i < weights.size(); ++i) {
      const float scale = f16_to_f32(stored.scales.values<uint16_t>()[i / 96]);
      // The scale is rounded to 11 bits, so a row's extremes may lie up to Q·2^-11 steps outside the range.
      ASSERT_LE(std::fabs(restored.values<float>()[i] - weights[i]), scale * 0.5625F) << bits;
    }
  }
}

TEST(IntPerRow, GivesZeroAndTinyRowsTheSmallestNormalScale) {
  const StoredTensor stored = store_per_row(matrix({2, 2}, {0, 0, 1e-9F, -1e-9F}), 6);
  for (const uint16_t scale : stored.scales.values<uint16_t>()) EXPECT_EQ(f16_to_f32(scale), 0x1p-14F);
  EXPECT_EQ(dequantize(stored), make_tensor(DType::kF32, {2, 2}));
}

TEST(IntPerRow, GivesOtherRanksOneFloat32Scale) {
  for (const Shape& shape : {Shape{4}, Shape{2, 1, 2}}) {
    const StoredTensor stored = store_per_row(matrix(shape, {1, -2, 3, -3.5F}), 4);
    EXPECT_EQ(stored.encoding, Encoding::kIntPerTensor);
    EXPECT_EQ(stored.scales.shape, Shape{});
    EXPECT_EQ(stored.scales.values<float>()[0], 0.5F);
    const Tensor restored = dequantize(stored);
    EXPECT_EQ(restored.shape, shape);
    EXPECT_EQ(restored.values<float>()[3], -3.5F);
  }
  const Tensor zeros = dequantize(store_per_row(matrix({}, {0}), 8));
  EXPECT_EQ(zeros.values<float>()[0], 0.0F);
  EXPECT_EQ(dequantize(store_per_row(matrix({3}, {1e-44F, 0, 0}), 8)).values<float>()[1], 0.0F);
}

TEST(IntPerRow, RestoresTheOriginalDtypeAndEmptyShapes) {
  const Tensor half = from_f32(std::vector<float>{1, -1}, DType::kBF16, {1, 2});
  EXPECT_EQ(dequantize(store_per_row(half, 8)), half);
  for (const Shape& shape : {Shape{0, 5}, Shape{5, 0}, Shape{0}}) {
    EXPECT_EQ(dequantize(store_per_row(make_tensor(DType::kF32, shape), 6)).shape, shape);
  }
}

TEST(IntPerRow, RefusesScalesOutsideFloat16AndIntegers) {
  EXPECT_GOLF_ERROR(store_per_row(matrix({2, 1}, {1, 1e9F}), 8), ErrorCode::kUnsupported,
                    "row 1: the scale 7874015.5 does not fit in float16");
  EXPECT_GOLF_ERROR(store_per_row(make_tensor(DType::kI64, {2, 2}), 8), ErrorCode::kInvalidArgument,
                    "needs floating values, int64 found");
}

}  // namespace
}  // namespace golf
