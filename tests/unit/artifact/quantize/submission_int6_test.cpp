#include <gtest/gtest.h>

#include "golf/artifact/base/half.h"
#include "quantize_inputs.h"
#include "support/error_matchers.h"

namespace golf {
namespace {

constexpr float kFloor = 1.0F / 31.0F;

Tensor floats(Shape shape, const std::vector<float>& values) {
  return make_tensor<float>(DType::kF32, std::move(shape), values);
}
float scale_of(const StoredTensor& stored) {
  return stored.scales.dtype == DType::kF16 ? f16_to_f32(stored.scales.values<uint16_t>()[0])
                                            : stored.scales.values<float>()[0];
}
std::vector<int> codes(const StoredTensor& stored) {
  const auto q = stored.values.values<int8_t>();
  return {q.begin(), q.end()};
}

TEST(SubmissionInt6, FloorsTheScalesOf88And262ButNotOf1046) {
  const Tensor row = floats({1, 3}, {0.31F, -0.155F, 0.0F});
  const float floor = f16_to_f32(f32_to_f16(kFloor));
  EXPECT_EQ(scale_of(test::store_as("int6-pr88", row)), floor);
  EXPECT_EQ(codes(test::store_as("int6-pr88", row)), (std::vector<int>{10, -5, 0}));
  EXPECT_EQ(scale_of(test::store_as("int6-pr262", row)), floor);
  EXPECT_EQ(scale_of(test::store_as("int6-pr1046", row)), f16_to_f32(f32_to_f16(0.31F / 31.0F)));
  EXPECT_EQ(codes(test::store_as("int6-pr1046", row))[0], 31);
}

TEST(SubmissionInt6, DividesByTheUnroundedScaleOnlyFor88) {
  // 1/31 rounds down in float16: 2.5 steps are a tie for 88 and over it for 262.
  ASSERT_LT(f16_to_f32(f32_to_f16(kFloor)), kFloor);
  const Tensor row = floats({1, 1}, {2.5F * kFloor});
  EXPECT_EQ(codes(test::store_as("int6-pr88", row))[0], 2);
  EXPECT_EQ(codes(test::store_as("int6-pr262", row))[0], 3);
}

TEST(SubmissionInt6, ReachesMinus32OnlyWithTheFloat16Scale) {
  // A/31 below float16's normal numbers rounds coarsely, here down by more than a sixtieth… were it not for
  // 1046's bound at 2^-14; the other rank has no bound.
  const float largest = 31.0F * 0x1.4p-23F;  // 2.5 steps of float16's subnormal grid, rounded to 2
  const Tensor vector = floats({2}, {largest, -largest});
  const StoredTensor stored = test::store_as("int6-pr1046", vector);
  EXPECT_EQ(scale_of(stored), 0x1p-23F);
  EXPECT_EQ(codes(stored), (std::vector<int>{31, -32}));
  EXPECT_EQ(stored.scales.dtype, DType::kF16);
  EXPECT_EQ(stored.scales.shape, Shape{});
  EXPECT_EQ(codes(test::store_as("int6-pr88", floats({1, 1}, {-40.0F})))[0], -31);
}

TEST(SubmissionInt6, Gives1046RowsTheSmallestNormalScale) {
  EXPECT_EQ(scale_of(test::store_as("int6-pr1046", floats({1, 2}, {0, 0}))), 0x1p-14F);
}

TEST(SubmissionInt6, StoresOtherRanksAsEachEntryDoes) {
  const Tensor vector = floats({2}, {0.62F, -0.02F});
  EXPECT_EQ(test::store_as("int6-pr88", vector).bits, 8) << "88 falls back to the reference's int8";
  EXPECT_EQ(codes(test::store_as("int6-pr88", vector)), (std::vector<int>{127, -4}));
  EXPECT_EQ(scale_of(test::store_as("int6-pr262", vector)), f16_to_f32(f32_to_f16(0.62F / 31.0F)));
  EXPECT_EQ(codes(test::store_as("int6-pr262", vector)), (std::vector<int>{31, -1}));
  EXPECT_EQ(scale_of(test::store_as("int6-pr262", floats({2}, {0, 0}))), 1.0F);
}

TEST(SubmissionInt6, StoresZerosWhereTheOneScaleIsZero) {
  const StoredTensor stored = test::store_as("int6-pr1046", floats({2}, {0, 0}));
  EXPECT_EQ(scale_of(stored), 0.0F);
  EXPECT_EQ(codes(stored), (std::vector<int>{0, 0}));
}

TEST(SubmissionInt6, RefusesScalesOutsideFloat16) {
  const Tensor row = floats({2, 1}, {1, 1e8F});
  for (const std::string scheme : {"int6-pr88", "int6-pr262", "int6-pr1046"}) {
    EXPECT_GOLF_ERROR(test::store_as(scheme, row), ErrorCode::kUnsupported, "row 1: the scale");
  }
  EXPECT_GOLF_ERROR(test::store_as("int6-pr262", floats({1}, {1e8F})), ErrorCode::kUnsupported,
                    "the scale 3225806.5");
}

}  // namespace
}  // namespace golf
