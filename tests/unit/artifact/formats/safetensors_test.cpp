#include "golf/artifact/formats/safetensors.h"

#include <gtest/gtest.h>

#include "golf/artifact/base/file.h"
#include "golf/artifact/base/limits.h"
#include "support/error_matchers.h"
#include "support/reference_data.h"

namespace golf {
namespace {

/// A file with that header text and `data_bytes` zeros.
Bytes file_of(const std::string& header, size_t data_bytes = 0) {
  ByteWriter writer;
  writer.write(uint64_t{header.size()});
  writer.write_text(header);
  writer.write_bytes(Bytes(data_bytes));
  return writer.take();
}

std::string row(const std::string& name, const std::string& dtype, const std::string& shape,
                const std::string& offsets) {
  return "\"" + name + R"(":{"dtype":")" + dtype + R"(","shape":[)" + shape + R"(],"data_offsets":[)" +
         offsets + "]}";
}

TensorSet sample() {
  TensorSet set;
  set.add("scalar", make_tensor<float>(DType::kF32, {}, std::vector<float>{1.5F}));
  set.add("empty", make_tensor(DType::kF64, {0, 7}));
  set.add("Größe/β", make_tensor<int8_t>(DType::kI8, {3}, std::vector<int8_t>{-1, 0, 1}));
  set.add("matrix", make_tensor<uint16_t>(DType::kBF16, {1, 2}, std::vector<uint16_t>{0x3f80, 0xff80}));
  set.metadata = {{"b", "2"}, {"a", "line\nbreak"}};
  return set;
}

void expect_equal(const TensorSet& a, const TensorSet& b) {
  ASSERT_EQ(a.size(), b.size());
  for (auto left = a.begin(), right = b.begin(); left != a.end(); ++left, ++right) {
    EXPECT_EQ(left->name, right->name);
    EXPECT_EQ(left->tensor, right->tensor) << left->name;
  }
  EXPECT_EQ(a.metadata, b.metadata);
}

TEST(Safetensors, RoundTripsTensorsOrderAndMetadata) {
  const Bytes bytes = encode_safetensors(sample());
  EXPECT_TRUE(is_safetensors(bytes));
  const TensorSet back = parse_safetensors(bytes, "m.safetensors");
  expect_equal(back, sample());
  EXPECT_EQ(encode_safetensors(back), bytes);
}

TEST(Safetensors, RoundTripsEveryDtype) {
  for (int i = 0; i < kDTypeCount; ++i) {
    TensorSet set;
    set.add("t", make_tensor(static_cast<DType>(i), {3, 2}));
    expect_equal(parse_safetensors(encode_safetensors(set), "m"), set);
  }
}

TEST(Safetensors, RoundTripsAnEmptySet) {
  expect_equal(parse_safetensors(encode_safetensors({}), "m"), TensorSet());
}

TEST(Safetensors, RefusesEveryTruncatedPrefixAndExtraBytes) {
  Bytes bytes = encode_safetensors(sample());
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_GOLF_ERROR(parse_safetensors(ByteView(bytes).first(size), "m"), ErrorCode::kCorruptData, "m: ");
  }
  bytes.push_back(std::byte{0});
  EXPECT_GOLF_ERROR(parse_safetensors(bytes, "m"), ErrorCode::kCorruptData, "the file has");
}

TEST(Safetensors, RefusesAHeaderThatIsNotOne) {
  EXPECT_GOLF_ERROR(parse_safetensors(file_of(" {}"), "m"), ErrorCode::kCorruptData,
                    "does not start with '{'");
  EXPECT_GOLF_ERROR(parse_safetensors(file_of(""), "m"), ErrorCode::kCorruptData, "does not start with '{'");
  EXPECT_GOLF_ERROR(parse_safetensors(file_of("{} x"), "m"), ErrorCode::kCorruptData, "not valid JSON");
  EXPECT_GOLF_ERROR(parse_safetensors(file_of("{\"a\xff\":{}}"), "m"), ErrorCode::kCorruptData,
                    "not valid JSON");
  EXPECT_GOLF_ERROR(parse_safetensors(file_of(R"({"a":NaN})"), "m"), ErrorCode::kCorruptData,
                    "not valid JSON");
  EXPECT_GOLF_ERROR(parse_safetensors(file_of(R"({"a":{},"a":{}})"), "m"), ErrorCode::kCorruptData,
                    "duplicate key \"a\"");
  EXPECT_GOLF_ERROR(parse_safetensors(file_of(R"({"__metadata__":{"k":1}})"), "m"), ErrorCode::kCorruptData,
                    "not a string");
  EXPECT_GOLF_ERROR(parse_safetensors(file_of("{" + std::string(2'000'000, '[') + "}"), "m"),
                    ErrorCode::kCorruptData, "2000001 values");
  Bytes huge = file_of("{}");
  const uint64_t claim = limits::kSafetensorsHeaderBytes + 1;
  std::memcpy(huge.data(), &claim, sizeof(claim));
  EXPECT_FALSE(is_safetensors(huge));
  EXPECT_GOLF_ERROR(parse_safetensors(huge, "m"), ErrorCode::kCorruptData, "at most 100000000 allowed");
}

TEST(Safetensors, AcceptsWhitespaceInTheHeader) {
  const Bytes bytes =
      file_of("{\r\n\t\"a\" : {\"dtype\":\"U8\",\"shape\":[ 2 ],\"data_offsets\":[0,2]}}   ", 2);
  EXPECT_EQ(parse_safetensors(bytes, "m").at("a").shape, Shape{2});
}

TEST(Safetensors, RefusesRowsThatAreWrong) {
  const auto expect = [](const std::string& text, size_t data, ErrorCode code, const std::string& part) {
    EXPECT_GOLF_ERROR(parse_safetensors(file_of("{" + text + "}", data), "m"), code, part);
  };
  const ErrorCode corrupt = ErrorCode::kCorruptData;
  for (const std::string dtype : {"F31", "F4", "F6_E2M3", "F8_E8M0", "F8_E4M3FNUZ"}) {
    expect(row("a", dtype, "1", "0,1"), 1, ErrorCode::kUnsupported,
           "m: safetensors header, \"a\": dtype \"" + dtype + "\" is not read: store the tensor as F16");
  }
  expect(row("a", "F32", "1", "0,8"), 8, corrupt, "4 bytes expected for F32 [1]");
  expect(row("a", "F32", "1", "4,0"), 4, corrupt, "data_offsets [4, 0]");
  expect(row("a", "F32", "-1", "0,4"), 4, corrupt, "negative dimension");
  expect(row("a", "F32", "1.0", "0,4"), 4, corrupt, "not an integer");
  expect(row("a", "F32", "1", "0,4,8"), 4, corrupt, "not a pair");
  expect(row("a", "F32", "1", "0,-4"), 4, corrupt, "non-negative");
  expect(row("a", "U8", "1,1,1,1,1,1,1,1,1", "0,1"), 1, corrupt, "rank 9");
  expect(row("a", "F32", "4294967296,4294967296", "0,0"), 0, corrupt, "too large");
  expect(row("a", "F32", "0,4294967296,4294967296", "0,0"), 0, corrupt, "too large");
  expect(R"("a":{"dtype":"U8","shape":[0]})", 0, corrupt, "\"data_offsets\" is missing");
  expect(R"("a":{"dtype":"U8","shape":[0],"data_offsets":[0,0],"x":1})", 0, corrupt, "unknown key \"x\"");
  expect(R"("a":3)", 0, corrupt, "not an object");
}

TEST(Safetensors, RefusesHolesOverlapsAndRest) {
  const auto expect = [](const std::string& text, size_t data, const std::string& part) {
    EXPECT_GOLF_ERROR(parse_safetensors(file_of("{" + text + "}", data), "m"), ErrorCode::kCorruptData, part);
  };
  expect(row("a", "U8", "1", "1,2"), 2, "a hole");
  expect(row("a", "U8", "2", "0,2") + "," + row("b", "U8", "2", "1,3"), 3, "tensors overlap");
  expect(row("a", "U8", "2", "0,2") + "," + row("b", "U8", "2", "0,2"), 2, "tensors overlap");
  expect(row("a", "U8", "2", "0,2"), 3, "end at byte 2 of the data, the file has 3");
  expect(row("a", "U8", "4", "0,4"), 3, "end at byte 4 of the data, the file has 3");
  expect(row("a", "U8", "0", "5,5"), 0, "a hole");
}

TEST(Safetensors, RefusesMoreTensorsThanAllowed) {
  std::string header;
  for (uint64_t i = 0; i <= limits::kTensors; ++i) {
    header += (i == 0 ? "{" : ",") + row("t" + std::to_string(i), "U8", "0", "0,0");
  }
  EXPECT_GOLF_ERROR(parse_safetensors(file_of(header + "}"), "m"), ErrorCode::kCorruptData,
                    "65537 tensors, at most 65536 allowed");
}

TEST(Safetensors, RefusesToWriteNamesItCannotHold) {
  TensorSet set;
  set.add("__metadata__", make_tensor(DType::kU8, {1}));
  EXPECT_GOLF_ERROR(encode_safetensors(set), ErrorCode::kInvalidArgument, "__metadata__");
  TensorSet invalid;
  invalid.add("\xff", make_tensor(DType::kU8, {1}));
  EXPECT_GOLF_ERROR(encode_safetensors(invalid), ErrorCode::kInvalidArgument, "cannot hold");
}

TEST(Safetensors, ReadsTheReferenceCheckpoint) {
  GOLF_NEED_REFERENCE_DATA();
  const Bytes bytes = read_file(test::reference_data() + "/reference/final.safetensors");
  const TensorSet set = parse_safetensors(bytes, "final.safetensors");
  EXPECT_EQ(set.size(), 52U);
  EXPECT_EQ(set.at("tok_emb.weight").shape, (Shape{1024, 128}));
  EXPECT_EQ(set.total_bytes(), 2'829'392U);
  EXPECT_EQ(encode_safetensors(set), bytes);
}

}  // namespace
}  // namespace golf
