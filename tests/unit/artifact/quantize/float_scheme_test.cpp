#include <gtest/gtest.h>

#include "golf/artifact/quantize/quant_recipe.h"
#include "golf/artifact/quantize/scheme_table.h"
#include "support/error_matchers.h"

namespace golf {
namespace {

Tensor floats(const std::vector<float>& values) {
  return make_tensor<float>(DType::kF32, {static_cast<int64_t>(values.size())}, values);
}

TEST(FloatSchemes, RoundToTheirDtypeAndRestoreTheOriginalOne) {
  const Tensor weights = floats({1.0F, 1.0F + 0x1p-9F, -3.14159F});
  const auto restored = [&](std::string_view scheme) {
    StoredTensor stored = scheme_row(scheme).store(weights);
    EXPECT_EQ(stored.scheme(), scheme);
    return dequantize(stored);
  };
  EXPECT_EQ(restored("fp32"), weights);
  EXPECT_EQ(restored("fp16"),
            from_f32(to_f32(from_f32(weights.values<float>(), DType::kF16, {3})), DType::kF32, {3}));
  EXPECT_EQ(restored("bf16"), floats({1.0F, 1.0F, -3.140625F}));
}

TEST(FloatSchemes, RefuseValuesThatWouldBecomeInfinite) {
  EXPECT_GOLF_ERROR(scheme_row("fp16").store(floats({1.0F, 70000.0F})), ErrorCode::kUnsupported,
                    "values up to 70000 in magnitude do not fit in float16");
  EXPECT_NO_THROW(scheme_row("bf16").store(floats({70000.0F})));
}

TEST(FloatSchemes, KeepTakesEveryDtypeAndTheOthersOnlyFloats) {
  const Tensor counter = make_tensor<int64_t>(DType::kI64, {2}, std::vector<int64_t>{1, -2});
  const StoredTensor kept = scheme_row("keep").store(counter);
  EXPECT_EQ(kept.scheme(), "int64");
  EXPECT_EQ(dequantize(kept), counter);
  EXPECT_GOLF_ERROR(scheme_row("fp16").store(counter), ErrorCode::kInvalidArgument, "int64 found");
}

TEST(FloatSchemes, WidenFloat8UnlessItIsKept) {
  TensorSet tensors;
  Tensor matrix = make_tensor(DType::kF8E4M3, {2, 4});
  uint8_t byte = 0;
  for (uint8_t& value : matrix.values<uint8_t>()) value = static_cast<uint8_t>(0x30 + byte++);
  tensors.add("w", matrix);
  const std::vector<float> values = to_f32(matrix);
  const auto stored = [&](const std::string& scheme) {
    QuantizeOptions options;
    options.overrides = {parse_override("w=" + scheme)};
    return quantize(tensors, load_recipe("baseline-int8"), options).tensors.at(0);
  };
  for (const char* scheme : {"fp32", "fp16", "int8", "ecsq"}) {
    const Tensor restored = dequantize(stored(scheme));
    ASSERT_EQ(restored.dtype, DType::kF32) << scheme;
    for (size_t i = 0; i < values.size(); ++i) EXPECT_NEAR(to_f32(restored)[i], values[i], 0.05) << scheme;
  }
  EXPECT_EQ(dequantize(stored("keep")), matrix);
}

TEST(SchemeTable, ListsItsNamesWhenAskedForAnother) {
  EXPECT_GOLF_ERROR(scheme_row("int9"), ErrorCode::kInvalidArgument,
                    "scheme \"int9\" is not one of: int4, int5, int6, int7, int8, int8-clip, int6-pr88");
  for (const SchemeRow& row : scheme_table()) EXPECT_EQ(&scheme_row(row.name), &row);
}

}  // namespace
}  // namespace golf
