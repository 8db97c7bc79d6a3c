#include <gtest/gtest.h>

#include "golf/artifact/base/half.h"
#include "quantize_inputs.h"
#include "support/error_matchers.h"

namespace golf {
namespace {

TEST(ClippedInt, GivesRowsUnderOneTheFloorStep) {
  const std::vector<float> weights = {0.4F, 0.4F, -0.25F, 0.004F};
  const StoredTensor stored = test::store_as("int8-clip", make_tensor<float>(DType::kF32, {1, 4}, weights));
  EXPECT_EQ(stored.scales.values<uint16_t>()[0], f32_to_f16(1.0F / 127.0F));
  const auto q = stored.values.values<int8_t>();
  EXPECT_EQ(std::vector<int>(q.begin(), q.end()), (std::vector<int>{51, 51, -32, 1}));
}

TEST(ClippedInt, DividesByTheUnroundedScale) {
  // C/127 = 0.0235…: with the scale rounded to float16 first, 1.5 steps would no longer be a tie.
  const float scale = 3.0F / 127.0F;
  const std::vector<float> weights = {3.0F, 3.0F, scale * 2.5F};
  const StoredTensor stored = test::store_as("int8-clip", make_tensor<float>(DType::kF32, {1, 3}, weights));
  EXPECT_EQ(stored.values.values<int8_t>()[2], 2);
  EXPECT_LT(f16_to_f32(stored.scales.values<uint16_t>()[0]), scale)
      << "the example needs a scale rounded down";
}

TEST(ClippedInt, GivesOtherRanksOneScaleWithoutAFloor) {
  const std::vector<float> weights = {0.0127F, -0.0127F, 0.0F};
  const StoredTensor stored = test::store_as("int8-clip", make_tensor<float>(DType::kF32, {3}, weights));
  EXPECT_EQ(stored.encoding, Encoding::kIntPerTensor);
  EXPECT_EQ(stored.scales.values<float>()[0], 0.0127F / 127.0F);
  EXPECT_EQ(stored.values.values<int8_t>()[1], -127);
  const StoredTensor zeros = test::store_as("int8-clip", make_tensor(DType::kF32, {2, 2, 2}));
  EXPECT_EQ(zeros.scales.values<float>()[0], 1.0F);
}

TEST(ClippedInt, ClipsSixBitsToo) {
  const std::vector<float> weights = {0.5F, -0.31F, 0.01F};
  const StoredTensor stored = test::store_as("int6-pr192", make_tensor<float>(DType::kF32, {1, 3}, weights));
  EXPECT_EQ(stored.scheme(), "int6");
  EXPECT_EQ(stored.scales.values<uint16_t>()[0], f32_to_f16(1.0F / 31.0F));
  const auto q = stored.values.values<int8_t>();
  EXPECT_EQ(std::vector<int>(q.begin(), q.end()), (std::vector<int>{15, -10, 0}));
}

TEST(ClippedInt, RefusesScalesOutsideFloat16) {
  const std::vector<float> weights = {1e8F, 1e8F};
  EXPECT_GOLF_ERROR(test::store_as("int8-clip", make_tensor<float>(DType::kF32, {1, 2}, weights)),
                    ErrorCode::kUnsupported, "row 0: the scale");
}

}  // namespace
}  // namespace golf
