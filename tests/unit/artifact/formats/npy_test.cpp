#include "golf/artifact/formats/npy.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "support/error_matchers.h"

namespace golf {
namespace {

TEST(Npy, WritesHeaderPaddedTo64BytesThenTheValues) {
  const std::array<float, 3> values = {1.0F, -2.5F, 3.25F};
  const Bytes file = encode_npy(make_tensor<float>(DType::kF32, {3}, values));
  ASSERT_EQ(file.size(), 128 + sizeof(values));
  const std::string_view text = as_text(file);
  EXPECT_EQ(text.substr(0, 10), std::string_view("\x93NUMPY\x01\x00\x76\x00", 10));  // 0x76 = 128 − 10
  EXPECT_EQ(text.substr(10, 57), "{'descr': '<f4', 'fortran_order': False, 'shape': (3, ), ");
  EXPECT_EQ(text[127], '\n');
  EXPECT_EQ(std::memcmp(file.data() + 128, values.data(), sizeof(values)), 0);
}

TEST(Npy, SpellsShapesAsPythonTuples) {
  const auto header = [](Shape shape) {
    return std::string(as_text(encode_npy(make_tensor(DType::kI64, std::move(shape)))).substr(10, 90));
  };
  EXPECT_NE(header({2, 3}).find("'<i8', 'fortran_order': False, 'shape': (2, 3), }"), std::string::npos);
  EXPECT_NE(header({}).find("'shape': (), }"), std::string::npos);
  EXPECT_NE(header({0}).find("'shape': (0, ), }"), std::string::npos);
}

TEST(Npy, RefusesTypesThatNumPyLacks) {
  EXPECT_GOLF_ERROR(encode_npy(make_tensor(DType::kBF16, {1})), ErrorCode::kUnsupported, "bfloat16");
}

}  // namespace
}  // namespace golf
