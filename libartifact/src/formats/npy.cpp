#include "golf/artifact/formats/npy.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <utility>

#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"

namespace golf {
namespace {

struct TypeName {
  DType dtype;
  std::string_view text;
};
constexpr std::array kTypes = {
    TypeName{DType::kBool, "|b1"}, TypeName{DType::kU8, "|u1"},  TypeName{DType::kI8, "|i1"},
    TypeName{DType::kU16, "<u2"},  TypeName{DType::kI16, "<i2"}, TypeName{DType::kU32, "<u4"},
    TypeName{DType::kI32, "<i4"},  TypeName{DType::kU64, "<u8"}, TypeName{DType::kI64, "<i8"},
    TypeName{DType::kF16, "<f2"},  TypeName{DType::kF32, "<f4"}, TypeName{DType::kF64, "<f8"},
    TypeName{DType::kC64, "<c8"},
};
constexpr std::string_view kMagic = "\x93NUMPY";

std::string_view type_text(DType dtype) {
  for (const TypeName& type : kTypes) {
    if (type.dtype == dtype) return type.text;
  }
  fail(ErrorCode::kUnsupported,
       fmt::format("npy: NumPy has no dtype {}: convert to float32", torch_name(dtype)));
}

/// Reads the header, a Python dictionary with exactly the keys descr, fortran_order and shape.
class HeaderReader {
 public:
  HeaderReader(std::string_view text, const std::string& what) : rest_(text), what_(what) {}

  /// dtype and shape of an empty tensor.
  Tensor read() {
    Tensor tensor;
    bool seen[3] = {};
    expect('{');
    while (!take('}')) {
      const std::string_view key = quoted();
      expect(':');
      if (key == "descr" && !std::exchange(seen[0], true)) {
        tensor.dtype = dtype();
      } else if (key == "fortran_order" && !std::exchange(seen[1], true)) {
        fortran_order_ = boolean();
      } else if (key == "shape" && !std::exchange(seen[2], true)) {
        tensor.shape = shape();
      } else {
        damaged(fmt::format("unexpected key \"{}\"", printable(key)));
      }
      if (!take(',')) {
        expect('}');
        break;
      }
    }
    skip_space();
    if (!rest_.empty() || !seen[0] || !seen[1] || !seen[2]) damaged("a key is missing or text follows");
    if (fortran_order_ && tensor.rank() > 1) {
      fail(ErrorCode::kUnsupported, fmt::format("{}: npy in Fortran order: save it in C order", what_));
    }
    return tensor;
  }

 private:
  [[noreturn]] void damaged(const std::string& problem) const {
    fail(ErrorCode::kCorruptData, fmt::format("{}: npy header: {}", what_, problem));
  }
  void skip_space() { rest_.remove_prefix(std::min(rest_.find_first_not_of(" \n"), rest_.size())); }
  bool take(char symbol) {
    skip_space();
    if (!rest_.starts_with(symbol)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void expect(char symbol) {
    if (!take(symbol)) damaged(fmt::format("expected '{}'", symbol));
  }
  std::string_view quoted() {
    skip_space();
    const size_t end = rest_.empty() ? std::string_view::npos : rest_.find(rest_.front(), 1);
    if (end == std::string_view::npos || (rest_.front() != '\'' && rest_.front() != '"')) {
      damaged("expected a string");
    }
    const std::string_view text = rest_.substr(1, end - 1);
    rest_.remove_prefix(end + 1);
    return text;
  }
  DType dtype() {
    skip_space();
    if (rest_.starts_with('[')) {
      fail(ErrorCode::kUnsupported, fmt::format("{}: npy of records: give plain numbers", what_));
    }
    const std::string_view text = quoted();
    for (const TypeName& type : kTypes) {
      if (type.text == text) return type.dtype;
    }
    fail(ErrorCode::kUnsupported,
         fmt::format("{}: npy dtype \"{}\": give little-endian plain numbers", what_, printable(text)));
  }
  bool boolean() {
    skip_space();
    for (const auto& [word, value] : {std::pair("True", true), std::pair("False", false)}) {
      if (!rest_.starts_with(word)) continue;
      rest_.remove_prefix(std::string_view(word).size());
      return value;
    }
    damaged("expected True or False");
  }
  Shape shape() {
    Shape shape;
    expect('(');
    while (!take(')')) {
      skip_space();
      int64_t dimension = -1;
      const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), dimension);
      if (error != std::errc() || dimension < 0) damaged("expected a dimension");
      rest_.remove_prefix(static_cast<size_t>(end - rest_.data()));
      shape.push_back(dimension);
      if (!take(',')) {
        expect(')');
        break;
      }
    }
    return shape;
  }

  std::string_view rest_;
  const std::string& what_;
  bool fortran_order_ = false;
};

}  // namespace

Bytes encode_npy(const Tensor& tensor) {
  constexpr std::string_view kVersion("\x01\x00", 2);
  constexpr size_t kAlignment = 64;
  std::string shape;
  for (const int64_t dimension : tensor.shape) shape += fmt::format("{}, ", dimension);
  if (tensor.rank() > 1) shape.resize(shape.size() - 2);  // "(3, )" is a tuple of one, "(3, 4)" of two
  std::string header = fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({}), }}",
                                   type_text(tensor.dtype), shape);
  const size_t unpadded = kMagic.size() + kVersion.size() + sizeof(uint16_t) + header.size() + 1;
  header.append((kAlignment - unpadded % kAlignment) % kAlignment, ' ').push_back('\n');

  ByteWriter writer;
  writer.write_text(kMagic);
  writer.write_text(kVersion);
  writer.write(static_cast<uint16_t>(header.size()));
  writer.write_text(header);
  writer.write_bytes(tensor.bytes);
  return writer.take();
}

bool is_npy(ByteView bytes) { return as_text(bytes).starts_with(kMagic); }

Tensor parse_npy(ByteView bytes, const std::string& what) {
  if (!is_npy(bytes)) fail(ErrorCode::kCorruptData, fmt::format("{}: not a NumPy file", what));
  ByteReader reader(bytes, what);
  reader.take(kMagic.size());
  const auto major = reader.read<uint8_t>();
  const auto minor = reader.read<uint8_t>();
  if (major < 1 || major > 3 || minor != 0) {
    fail(ErrorCode::kUnsupported,
         fmt::format("{}: npy version {}.{}: expected 1.0 to 3.0", what, major, minor));
  }
  const uint32_t header_bytes = major == 1 ? reader.read<uint16_t>() : reader.read<uint32_t>();
  Tensor tensor = HeaderReader(as_text(reader.take(header_bytes)), what).read();
  const uint64_t expected = checked_tensor_bytes(tensor.dtype, tensor.shape, what);
  if (expected != reader.remaining()) {
    fail(ErrorCode::kCorruptData, fmt::format("{}: npy of shape {}: expected {} bytes of values, found {}",
                                              what, to_string(tensor.shape), expected, reader.remaining()));
  }
  const ByteView values = reader.take(expected);
  tensor.bytes.assign(values.begin(), values.end());
  return tensor;
}

}  // namespace golf
