#include <gtest/gtest.h>

#include <algorithm>

#include "golf/artifact/base/half.h"
#include "quantize_inputs.h"
#include "support/error_matchers.h"

namespace golf {
namespace {

/// Rows of 2,000 weights of magnitude `body` in both signs, the first `outliers` of them `peak`.
Tensor matrix(size_t rows, float body, size_t outliers, float peak) {
  constexpr size_t kColumns = 2'000;
  std::vector<float> weights(rows * kColumns);
  for (size_t i = 0; i < weights.size(); ++i) {
    const float position = static_cast<float>(i % kColumns) / static_cast<float>(kColumns);
    weights[i] = i % kColumns < outliers ? peak : body * (2.0F * position - 1.0F);
  }
  return make_tensor<float>(DType::kF32, {static_cast<int64_t>(rows), static_cast<int64_t>(kColumns)},
                            weights);
}
float first_scale(const StoredTensor& stored) { return f16_to_f32(stored.scales.values<uint16_t>()[0]); }
float f16(float value) { return f16_to_f32(f32_to_f16(value)); }

TEST(ClipSearchInt6, ClipsAnOutlierWhenThatCostsLess) {
  // One weight of 5.5 in 2,000: clipping it to 5.2, the 0.9999-quantile, costs less than a coarser grid for
  // all the others; clipping it to 4 costs more.
  const StoredTensor stored = test::store_as("int6-pr993", matrix(1, 4.0F, 1, 5.5F));
  EXPECT_NEAR(first_scale(stored), 5.2F / 31.0F, 1e-4);
}

TEST(ClipSearchInt6, KeepsTheWholeRangeWhenClippingCostsMore) {
  EXPECT_EQ(first_scale(test::store_as("int6-pr993", matrix(1, 4.0F, 1, 4000.0F))), f16(4000.0F / 31.0F));
}

TEST(ClipSearchInt6, ChoosesOneQuantileForTheWholeMatrix) {
  // The first row alone would be clipped, the second alone not; the second's error is the larger.
  Tensor both = matrix(2, 4.0F, 1, 5.5F);
  both.values<float>()[2'000] = 4000.0F;
  EXPECT_EQ(first_scale(test::store_as("int6-pr993", both)), f16(5.5F / 31.0F));
}

TEST(ClipSearchInt6, GivesRowsUnderOneTheFloor) {
  const StoredTensor stored = test::store_as("int6-pr993", matrix(1, 0.5F, 1, 0.9F));
  EXPECT_EQ(first_scale(stored), f16(1.0F / 31.0F));
  EXPECT_EQ(stored.values.values<int8_t>()[0], 28);
}

TEST(ClipSearchInt6, StaysWithinPlusMinus31AndTakesOtherRanksAndEmptyOnes) {
  const StoredTensor stored = test::store_as("int6-pr993", matrix(1, 4.0F, 2, -5.5F));
  const auto q = stored.values.values<int8_t>();
  EXPECT_EQ(*std::min_element(q.begin(), q.end()), -31);
  const StoredTensor vector =
      test::store_as("int6-pr993", make_tensor<float>(DType::kF32, {2}, std::vector<float>{3.1F, -0.2F}));
  EXPECT_EQ(vector.encoding, Encoding::kIntPerTensor);
  EXPECT_EQ(first_scale(vector), f16(0.1F));
  EXPECT_EQ(first_scale(test::store_as("int6-pr993", make_tensor(DType::kF32, {3}))), 1.0F);
  EXPECT_EQ(test::store_as("int6-pr993", make_tensor(DType::kF32, {0, 7})).values.shape, (Shape{0, 7}));
}

TEST(ClipSearchInt6, RefusesScalesOutsideFloat16) {
  EXPECT_GOLF_ERROR(test::store_as("int6-pr993", matrix(1, 1e8F, 0, 0)), ErrorCode::kUnsupported,
                    "row 0: the scale");
}

}  // namespace
}  // namespace golf
