#include "golf_inspect/page_builder.h"

#include <gtest/gtest.h>

namespace golf {
namespace {

TEST(IntegersJson, CountsEachIntegerFromTheLowestOn) {
  StoredModel model;
  model.tensors.push_back(
      {.name = "a",
       .encoding = Encoding::kIntPerTensor,
       .bits = 6,
       .values = make_tensor<int8_t>(DType::kI8, {6}, std::vector<int8_t>{-2, 1, 1, -2, 1, -1}),
       .scales = make_tensor(DType::kF16, {})});
  model.tensors.push_back({.name = "b", .values = make_tensor(DType::kF16, {2})});
  const Json tensors = integers_json(model);
  const Json& integers = tensors.as_array().at(0);
  EXPECT_EQ(integers.at("low").as_int(), -2);
  EXPECT_EQ(integers.at("counts"), Json::array({uint64_t{2}, uint64_t{1}, uint64_t{0}, uint64_t{3}}));
  EXPECT_NEAR(integers.at("order0_bits").as_double(), 6 * 1.4591479170, 1e-8);
  EXPECT_TRUE(tensors.as_array().at(1).at("counts").as_array().empty());
}

TEST(IntegersJson, HasRoomForEveryInteger) {
  StoredModel model;
  model.tensors.push_back({.name = "a",
                           .encoding = Encoding::kIntPerTensor,
                           .bits = 8,
                           .values = make_tensor<int8_t>(DType::kI8, {2}, std::vector<int8_t>{-128, 127}),
                           .scales = make_tensor(DType::kF16, {})});
  const Json tensors = integers_json(model);
  const Json& integers = tensors.as_array().at(0);
  EXPECT_EQ(integers.at("low").as_int(), -128);
  EXPECT_EQ(integers.at("counts").as_array().size(), 256U);
  EXPECT_EQ(integers.at("counts").as_array().back().as_uint(), 1U);
}

}  // namespace
}  // namespace golf
