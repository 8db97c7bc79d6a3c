#include <gtest/gtest.h>

#include "golf/artifact/formats/torch/torch_file.h"
#include "support/error_matchers.h"
#include "torch_files.h"

namespace golf {
namespace {

using test::dict_of;
using test::floats;
using test::global;
using test::number;
using test::numbers;
using test::storage;
using test::tensor;
using test::text;
using test::torch_file;
using namespace std::string_literals;
using Storages = std::map<std::string, std::string>;

const Storages kSix = {{"0", floats({0, 1, 2, 3, 4, 5})}};
const std::string kFloats = storage("FloatStorage", "0", 6);

Tensor read(const std::string& body, const Storages& storages = kSix) {
  const TorchValue root = parse_torch_file(torch_file(dict_of(body), storages), "f.pt");
  return std::get<Tensor>(root.find("t")->value);
}

Tensor f32(Shape shape, std::vector<float> values) {
  return make_tensor<float>(DType::kF32, std::move(shape), values);
}

void expect_refused(const std::string& body, const std::string& part, const Storages& storages = kSix) {
  EXPECT_GOLF_ERROR(parse_torch_file(torch_file(dict_of(body), storages), "f.pt"), ErrorCode::kCorruptData,
                    part);
}

/// A rebuild function with arguments after the storage, offset, size and stride of a vector of 6.
std::string rebuild(const std::string& function, const std::string& storage, const std::string& rest) {
  return global("torch._utils", function) + "(" + storage + "K\x00"s + numbers({6}) + numbers({1}) + rest +
         "tR";
}

TEST(TorchTensor, MakesViewsContiguous) {
  EXPECT_EQ(read(tensor(kFloats, 0, {2, 3}, {3, 1})), f32({2, 3}, {0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(read(tensor(kFloats, 0, {3, 2}, {1, 3})), f32({3, 2}, {0, 3, 1, 4, 2, 5}));
  EXPECT_EQ(read(tensor(kFloats, 1, {2, 2}, {3, 1})), f32({2, 2}, {1, 2, 4, 5}));
  EXPECT_EQ(read(tensor(kFloats, 1, {3}, {2})), f32({3}, {1, 3, 5}));
  EXPECT_EQ(read(tensor(kFloats, 2, {2, 3}, {0, 1})), f32({2, 3}, {2, 3, 4, 2, 3, 4}));
  EXPECT_EQ(read(tensor(kFloats, 0, {1, 3, 1, 2}, {77, 1, 99, 3})), f32({1, 3, 1, 2}, {0, 3, 1, 4, 2, 5}));
  EXPECT_EQ(read(tensor(kFloats, 5, {}, {})), f32({}, {5}));
  EXPECT_EQ(read(tensor(kFloats, 6, {0, 1000000}, {1000000, 1})), f32({0, 1000000}, {}));
}

TEST(TorchTensor, ReadsEveryStorageClass) {
  const auto check = [](const std::string& type, DType dtype, size_t bytes) {
    const Tensor read_back =
        read(tensor(storage(type, "0", 1), 0, {1}, {1}), {{"0", std::string(bytes, '\1')}});
    EXPECT_EQ(read_back.dtype, dtype) << type;
    EXPECT_EQ(read_back.bytes, Bytes(bytes, std::byte{1})) << type;
  };
  check("BoolStorage", DType::kBool, 1);
  check("ByteStorage", DType::kU8, 1);
  check("CharStorage", DType::kI8, 1);
  check("ShortStorage", DType::kI16, 2);
  check("IntStorage", DType::kI32, 4);
  check("LongStorage", DType::kI64, 8);
  check("HalfStorage", DType::kF16, 2);
  check("BFloat16Storage", DType::kBF16, 2);
  check("FloatStorage", DType::kF32, 4);
  check("DoubleStorage", DType::kF64, 8);
  check("ComplexFloatStorage", DType::kC64, 8);
}

TEST(TorchTensor, ReadsUntypedStoragesAndParameters) {
  const std::string hooks = "\x89" + global("collections", "OrderedDict") + ")R";
  const std::string untyped = storage("UntypedStorage", "0", 12);
  const Tensor read_back = read(rebuild("_rebuild_tensor_v3", untyped, hooks + global("torch", "uint16")),
                                {{"0", std::string("\1\0\2\0\3\0\4\0\5\0\6\0", 12)}});
  EXPECT_EQ(read_back, make_tensor<uint16_t>(DType::kU16, {6}, std::vector<uint16_t>{1, 2, 3, 4, 5, 6}));
  const std::string parameter =
      global("torch._utils", "_rebuild_parameter") + "(" + tensor(kFloats, 0, {6}, {1}) + "\x88" + "}tR";
  EXPECT_EQ(read(parameter), f32({6}, {0, 1, 2, 3, 4, 5}));
}

TEST(TorchTensor, SharesStoragesAndIgnoresDevices) {
  const std::string body = "}(" + text("a") + tensor(kFloats, 0, {2}, {1}) + text("b") +
                           tensor(storage("FloatStorage", "0", 6, "cuda:3"), 4, {2}, {1}) + "u";
  const TorchValue root = parse_torch_file(torch_file(body, kSix), "f.pt");
  EXPECT_EQ(std::get<Tensor>(root.find("a")->value), f32({2}, {0, 1}));
  EXPECT_EQ(std::get<Tensor>(root.find("b")->value), f32({2}, {4, 5}));
}

TEST(TorchTensor, RefusesViewsThatLeaveTheirStorage) {
  const int64_t huge = INT64_MAX;
  expect_refused(tensor(kFloats, 0, {7}, {1}), "reaches element 7 of a storage of 6");
  expect_refused(tensor(kFloats, 1, {6}, {1}), "reaches element 7");
  expect_refused(tensor(kFloats, 0, {2, 3}, {4, 1}), "reaches element 7");
  expect_refused(tensor(kFloats, huge, {1}, {1}), "of a storage of 6");
  expect_refused(tensor(kFloats, 0, {3}, {huge}), "reaches element 18446744073709551615");
  expect_refused(tensor(kFloats, huge, {2, 2}, {huge, huge}), "too large");
  expect_refused(tensor(kFloats, 7, {0}, {1}), "reaches element 7");
  expect_refused(tensor(kFloats, 0, {huge, huge}, {0, 0}), "too large");
  expect_refused(tensor(kFloats, 0, {-1}, {1}), "negative dimension");
  expect_refused(tensor(kFloats, 0, {2}, {-1}), "negative stride");
  expect_refused(tensor(kFloats, -1, {1}, {1}), "of the wrong kind");
  expect_refused(tensor(kFloats, 0, {2, 3}, {1}), "1 strides for a tensor of rank 2");
  expect_refused(tensor(kFloats, 0, std::vector<int64_t>(9, 1), std::vector<int64_t>(9, 1)), "rank over 8");
}

TEST(TorchTensor, RefusesViewsThatExpandTooFar) {
  expect_refused(tensor(kFloats, 0, {1'000'000, 1'000'000}, {0, 0}), "needs more than 4294967296 bytes");
  expect_refused(tensor(kFloats, 0, {20'000'000}, {0}), "expand to more than 67108960 bytes");
  // The same tensor object, named often.
  std::string body = "}(" + text("0") + tensor(kFloats, 0, {1'000'000}, {0}) + "q\x01";
  for (int i = 1; i < 20; ++i) body += text(std::to_string(i)) + "h\x01";
  EXPECT_GOLF_ERROR(parse_torch_file(torch_file(body + "u", kSix), "f.pt"), ErrorCode::kCorruptData,
                    "expand to more than");
}

TEST(TorchTensor, RefusesStoragesThatAreWrong) {
  const auto whole = [](const std::string& from) { return tensor(from, 0, {1}, {1}); };
  expect_refused(whole(storage("FloatStorage", "1", 6)), "storage \"1\" is not in the archive");
  expect_refused(whole(storage("FloatStorage", "../version", 6)), "is not in the archive");
  expect_refused(whole(storage("FloatStorage", "0", 5)), "storage \"0\" of 5 float32 elements has 24 bytes");
  expect_refused(whole(storage("FloatStorage", "0", 7)), "has 24 bytes");
  expect_refused(whole(storage("FloatStorage", "0", -1)), "not a storage's persistent id");
  expect_refused(whole(storage("FloatStorage", "0", int64_t{1} << 62)), "too large");
  expect_refused(whole(storage("float32", "0", 6)), "without a storage class");
  expect_refused(numbers({1, 2}) + "Q", "not a storage's persistent id");
  expect_refused("(" + whole(kFloats) + whole(storage("IntStorage", "0", 6)) + "t", "described in two ways");
  expect_refused("(" + whole(kFloats) + whole(storage("HalfStorage", "0", 12)) + "t",
                 "described in two ways");
}

TEST(TorchTensor, RefusesRebuildsThatAreWrong) {
  const std::string hooks = "\x89" + global("collections", "OrderedDict") + ")R";
  expect_refused(rebuild("_rebuild_tensor_v2", kFloats, "\x89"), "tensor with 5 arguments");
  expect_refused(rebuild("_rebuild_tensor_v2", kFloats, "\x89NNN"), "tensor with 8 arguments");
  expect_refused(rebuild("_rebuild_tensor_v2", kFloats, "\x89" + dict_of("N")), "or with hooks");
  expect_refused(rebuild("_rebuild_tensor_v2", kFloats, hooks + dict_of("\x88")), "tensor with metadata");
  expect_refused(rebuild("_rebuild_tensor_v2", "K\x01", hooks), "of the wrong kind");
  expect_refused(rebuild("_rebuild_tensor_v2", storage("UntypedStorage", "0", 24), hooks), "disagree");
  expect_refused(rebuild("_rebuild_tensor_v3", kFloats, hooks + global("torch", "float32")), "disagree");
  expect_refused(rebuild("_rebuild_tensor_v3", storage("UntypedStorage", "0", 24), hooks + "K\x01"),
                 "with a dtype that is none");
  const std::string as_u16 =
      rebuild("_rebuild_tensor_v3", storage("UntypedStorage", "0", 24), hooks + global("torch", "uint16"));
  const std::string as_u32 =
      rebuild("_rebuild_tensor_v3", storage("UntypedStorage", "0", 24), hooks + global("torch", "uint32"));
  expect_refused("(" + as_u16 + as_u32 + "t", "storage \"0\" is read as uint16 and as uint32");
  expect_refused(global("torch._utils", "_rebuild_parameter") + kFloats + "\x88}\x87R",
                 "parameter with arguments");
}

}  // namespace
}  // namespace golf
