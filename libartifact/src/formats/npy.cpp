#include "golf/artifact/formats/npy.h"

#include <fmt/format.h>

#include <string>

#include "golf/artifact/base/error.h"

namespace golf {
namespace {

std::string_view type_text(DType dtype) {
  switch (dtype) {
    case DType::kBool:
      return "|b1";
    case DType::kU8:
      return "|u1";
    case DType::kI8:
      return "|i1";
    case DType::kU16:
      return "<u2";
    case DType::kI16:
      return "<i2";
    case DType::kU32:
      return "<u4";
    case DType::kI32:
      return "<i4";
    case DType::kU64:
      return "<u8";
    case DType::kI64:
      return "<i8";
    case DType::kF16:
      return "<f2";
    case DType::kF32:
      return "<f4";
    case DType::kF64:
      return "<f8";
    case DType::kC64:
      return "<c8";
    case DType::kBF16:
    case DType::kF8E4M3:
    case DType::kF8E5M2:
      break;
  }
  fail(ErrorCode::kUnsupported,
       fmt::format("npy: NumPy has no dtype {}: convert to float32", torch_name(dtype)));
}

}  // namespace

Bytes encode_npy(const Tensor& tensor) {
  constexpr std::string_view kMagic("\x93NUMPY\x01\x00", 8);
  constexpr size_t kAlignment = 64;
  std::string shape;
  for (const int64_t dimension : tensor.shape) shape += fmt::format("{}, ", dimension);
  if (tensor.rank() > 1) shape.resize(shape.size() - 2);  // "(3, )" is a tuple of one, "(3, 4)" of two
  std::string header = fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({}), }}",
                                   type_text(tensor.dtype), shape);
  const size_t unpadded = kMagic.size() + sizeof(uint16_t) + header.size() + 1;
  header.append((kAlignment - unpadded % kAlignment) % kAlignment, ' ').push_back('\n');

  ByteWriter writer;
  writer.write_text(kMagic);
  writer.write(static_cast<uint16_t>(header.size()));
  writer.write_text(header);
  writer.write_bytes(tensor.bytes);
  return writer.take();
}

}  // namespace golf
