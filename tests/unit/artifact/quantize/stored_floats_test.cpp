#include "golf/artifact/quantize/stored_floats.h"

#include <gtest/gtest.h>

#include "golf/artifact/base/half.h"
#include "support/error_matchers.h"

namespace golf {
namespace {

StoredTensor matrix(Encoding encoding) {
  StoredTensor stored{.name = "w", .encoding = encoding, .bits = 8};
  stored.values = make_tensor<int8_t>(DType::kI8, {2, 2}, std::vector<int8_t>{-3, 7, 0, 5});
  return stored;
}

StoredTensor scaled_rows() {
  StoredTensor stored = matrix(Encoding::kIntPerRow);
  stored.scales =
      make_tensor<uint16_t>(DType::kF16, {2}, std::vector<uint16_t>{f32_to_f16(0.5F), f32_to_f16(2.0F)});
  return stored;
}

TEST(StoredFloats, AreScalesStepsAndPassthroughValues) {
  EXPECT_EQ(stored_floats(scaled_rows()), (std::vector<float>{0.5F, 2.0F}));

  StoredTensor grid = matrix(Encoding::kTrellis);
  grid.grid = {.step = 0.25F, .row_offsets = true};
  grid.scales = make_tensor<int8_t>(DType::kI8, {2}, std::vector<int8_t>{1, -1});
  EXPECT_EQ(stored_floats(grid), std::vector<float>{0.25F});

  StoredTensor gains{.name = "g"};
  gains.values = from_f32(std::vector<float>{1.0F, -2.0F}, DType::kBF16, {2});
  EXPECT_EQ(stored_floats(gains), (std::vector<float>{1.0F, -2.0F}));

  StoredTensor counts{.name = "n", .original_dtype = DType::kI64};
  counts.values = make_tensor(DType::kI64, {2});
  EXPECT_TRUE(stored_floats(counts).empty());
}

TEST(StoredFloats, AreReplacedRoundedAndNothingElseChanges) {
  StoredTensor rows = scaled_rows();
  replace_floats(rows, std::vector<float>{0.1F, 3.0F});
  StoredTensor expected = scaled_rows();
  expected.scales = from_f32(std::vector<float>{0.1F, 3.0F}, DType::kF16, {2});
  EXPECT_EQ(rows, expected);
  EXPECT_NE(stored_floats(rows)[0], 0.1F) << "float16 does not have it";

  StoredTensor grid = matrix(Encoding::kUniform);
  grid.grid.step = 0.25F;
  replace_floats(grid, std::vector<float>{0.3F});
  EXPECT_EQ(grid.grid.step, 0.3F);
  EXPECT_EQ(grid.values, matrix(Encoding::kUniform).values);
}

TEST(StoredFloats, RefuseWhatTheTensorCannotStore) {
  StoredTensor rows = scaled_rows();
  EXPECT_GOLF_ERROR(replace_floats(rows, std::vector<float>{1.0F}), ErrorCode::kInvalidArgument,
                    "tensor \"w\": 1 floats given, it stores 2");
  EXPECT_GOLF_ERROR(replace_floats(rows, std::vector<float>{1.0F, 1e6F}), ErrorCode::kInvalidArgument,
                    "element [1] is infinite as float16");
  EXPECT_EQ(rows, scaled_rows());
  StoredTensor grid = matrix(Encoding::kUniform);
  grid.grid.step = 0.25F;
  EXPECT_GOLF_ERROR(replace_floats(grid, std::vector<float>{-0.5F}), ErrorCode::kInvalidArgument,
                    "a positive normal number expected");
}

}  // namespace
}  // namespace golf
