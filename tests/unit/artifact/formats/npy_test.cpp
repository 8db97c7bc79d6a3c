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

/// A file of format 1.0 with that header and as many zero bytes.
Bytes npy_with(std::string_view header, size_t value_bytes, std::string_view version = {"\x01\x00", 2}) {
  ByteWriter writer;
  writer.write_text("\x93NUMPY");
  writer.write_text(version);
  if (version[0] == 1) {
    writer.write(static_cast<uint16_t>(header.size()));
  } else {
    writer.write(static_cast<uint32_t>(header.size()));
  }
  writer.write_text(header);
  writer.write_bytes(Bytes(value_bytes));
  return writer.take();
}

TEST(Npy, ComesBack) {
  for (const Shape& shape : {Shape{3}, Shape{}, Shape{0}, Shape{2, 3, 1}}) {
    Tensor tensor = make_tensor(DType::kF64, shape);
    for (size_t i = 0; i < tensor.bytes.size(); ++i) tensor.bytes[i] = static_cast<std::byte>(i);
    EXPECT_EQ(parse_npy(encode_npy(tensor), "x.npy"), tensor);
  }
}

TEST(Npy, ReadsWhatOtherProgramsWrite) {
  const Tensor expected = make_tensor(DType::kF32, {2});
  EXPECT_EQ(parse_npy(npy_with("{'descr':'<f4','fortran_order':True,'shape':(2,)}\n", 8), "x"), expected);
  EXPECT_EQ(parse_npy(npy_with("{\"shape\": (2 , ), \"fortran_order\": False, 'descr': '<f4', }", 8), "x"),
            expected);
  EXPECT_EQ(
      parse_npy(npy_with("{'descr': '<f4', 'fortran_order': False, 'shape': (2,)}", 8, {"\x03\x00", 2}), "x"),
      expected);
}

TEST(Npy, RefusesEveryTruncationAndAnExtraByte) {
  Bytes file = encode_npy(make_tensor(DType::kF32, {3}));
  for (size_t size = 0; size < file.size(); ++size) {
    EXPECT_GOLF_ERROR(parse_npy(ByteView(file).first(size), "x"), ErrorCode::kCorruptData, "x: ");
  }
  file.push_back(std::byte{0});
  EXPECT_GOLF_ERROR(parse_npy(file, "x"), ErrorCode::kCorruptData, "expected 12 bytes of values, found 13");
}

TEST(Npy, RefusesAMalformedHeader) {
  for (const std::string_view header :
       {"", "{", "{}", "{'descr'", "{'descr': '<f4', 'fortran_order': False}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), 'more': 1}",
        "{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (2,)}",
        "{'descr': '<f4', 'fortran_order': 0, 'shape': (2,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (-2,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904, 4)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2 3)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2,)} x"}) {
    EXPECT_GOLF_ERROR(parse_npy(npy_with(header, 8), "x"), ErrorCode::kCorruptData, "x: ");
  }
}

TEST(Npy, RefusesWhatItDoesNotRead) {
  EXPECT_GOLF_ERROR(parse_npy(npy_with("{'descr': '>f4', 'fortran_order': False, 'shape': (2,)}", 8), "x"),
                    ErrorCode::kUnsupported, "little-endian");
  EXPECT_GOLF_ERROR(parse_npy(npy_with("{'descr': '<f4', 'fortran_order': True, 'shape': (2,1)}", 8), "x"),
                    ErrorCode::kUnsupported, "Fortran");
  EXPECT_GOLF_ERROR(
      parse_npy(npy_with("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,)}", 8), "x"),
      ErrorCode::kUnsupported, "records");
  EXPECT_GOLF_ERROR(parse_npy(npy_with("", 0, {"\x04\x00", 2}), "x"), ErrorCode::kUnsupported, "version 4.0");
}

}  // namespace
}  // namespace golf
