#include "golf/artifact/quantize/stored_model.h"

#include <gtest/gtest.h>

#include <functional>
#include <limits>

#include "golf/artifact/base/half.h"
#include "support/error_matchers.h"

namespace golf {
namespace {

StoredTensor int6_matrix() {
  StoredTensor stored{.name = "w", .encoding = Encoding::kIntPerRow, .bits = 6};
  stored.values = make_tensor<int8_t>(DType::kI8, {2, 2}, std::vector<int8_t>{-32, 31, 0, 5});
  stored.scales =
      make_tensor<uint16_t>(DType::kF16, {2}, std::vector<uint16_t>{f32_to_f16(0.5F), f32_to_f16(2.0F)});
  return stored;
}

void expect_refused(const std::function<void(StoredTensor&)>& damage, const std::string& part) {
  StoredTensor stored = int6_matrix();
  damage(stored);
  EXPECT_GOLF_ERROR(dequantize(stored), ErrorCode::kCorruptData, "tensor \"w\": " + part);
}

TEST(StoredTensor, DecodesRowsByTheirScales) {
  const Tensor weights = dequantize(int6_matrix());
  const auto values = weights.values<float>();
  EXPECT_EQ(std::vector<float>(values.begin(), values.end()), (std::vector<float>{-16, 15.5F, 0, 10}));
}

TEST(StoredTensor, RefusesPartsThatDoNotBelongTogether) {
  expect_refused([](StoredTensor& t) { t.bits = 5; }, "values from -32 to 31 found, int5 holds -16 to 15");
  expect_refused([](StoredTensor& t) { t.bits = 9; }, "integers of 9 bits");
  expect_refused([](StoredTensor& t) { t.values.dtype = DType::kU8; }, "int8 values expected, uint8 found");
  expect_refused([](StoredTensor& t) { t.original_dtype = DType::kI32; }, "integers stand for int32 values");
  expect_refused([](StoredTensor& t) { t.scales.shape = {1}; }, "scales [2] expected, [1] found");
  expect_refused([](StoredTensor& t) { t.scales.dtype = DType::kBF16; },
                 "float16 or float32 scales expected, bfloat16 found");
  expect_refused([](StoredTensor& t) { t.values.shape = {4}; }, "scales per row need a matrix, [4] found");
  expect_refused([](StoredTensor& t) { t.encoding = Encoding::kIntPerTensor; },
                 "scales [] expected, [2] found");
  expect_refused([](StoredTensor& t) { t.encoding = Encoding::kPassthrough; },
                 "a passthrough tensor has neither");
  expect_refused([](StoredTensor& t) { t.scales.values<uint16_t>()[1] = 0x7c00; },
                 "scales: element [1] is infinite, finite ones expected");
}

TEST(StoredTensor, RefusesAKeptTensorThatWasNotFloating) {
  StoredTensor stored{.name = "c", .original_dtype = DType::kI64};
  stored.values = make_tensor(DType::kF32, {2});
  EXPECT_GOLF_ERROR(dequantize(stored), ErrorCode::kCorruptData, "kept as float32 but originally int64");
}

TEST(StoredModel, CountsBytesBeforeAndAfter) {
  StoredModel model;
  model.tensors.push_back(int6_matrix());
  EXPECT_EQ(model.payload_bytes(), 4U + 2 * 2U);
  EXPECT_EQ(model.original_bytes(), 16U);
  model.tensors.push_back(int6_matrix());
  EXPECT_GOLF_ERROR(dequantize(model), ErrorCode::kCorruptData, "\"w\" appears twice");
}

}  // namespace
}  // namespace golf
