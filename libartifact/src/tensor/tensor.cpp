#include "golf/artifact/tensor/tensor.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "golf/artifact/base/bytes.h"
#include "golf/artifact/base/error.h"
#include "golf/artifact/base/half.h"
#include "golf/artifact/base/limits.h"

namespace golf {

int64_t element_count(const Shape& shape) {
  int64_t count = 1;
  for (const int64_t dimension : shape) count *= dimension;
  return count;
}

std::string to_string(const Shape& shape) { return fmt::format("[{}]", fmt::join(shape, ", ")); }

uint64_t checked_tensor_bytes(DType dtype, const Shape& shape, const std::string& what) {
  if (shape.size() > static_cast<size_t>(limits::kTensorRank)) {
    fail(ErrorCode::kCorruptData,
         fmt::format("{}: rank {}, at most {} allowed", what, shape.size(), limits::kTensorRank));
  }
  uint64_t bytes = dtype_size(dtype);
  bool empty = false;
  for (const int64_t dimension : shape) {
    if (dimension < 0)
      fail(ErrorCode::kCorruptData, fmt::format("{}: negative dimension {}", what, dimension));
    if (dimension == 0) {
      empty = true;
    } else {
      bytes = mul_or_fail(bytes, static_cast<uint64_t>(dimension), what);
    }
  }
  if (bytes > limits::kTensorBytesTotal) {
    fail(ErrorCode::kCorruptData, fmt::format("{}: shape {} needs more than {} bytes", what, to_string(shape),
                                              limits::kTensorBytesTotal));
  }
  return empty ? 0 : bytes;
}

Tensor make_tensor(DType dtype, Shape shape) {
  const uint64_t size = dtype_size(dtype) * static_cast<uint64_t>(element_count(shape));
  return {dtype, std::move(shape), Bytes(size)};
}

std::vector<float> to_f32(const Tensor& tensor) {
  std::vector<float> out(static_cast<size_t>(tensor.elements()));
  const auto convert = [&](auto values, auto function) {
    std::transform(values.begin(), values.end(), out.begin(), function);
  };
  switch (tensor.dtype) {
    case DType::kF32:
      convert(tensor.values<float>(), [](float v) { return v; });
      return out;
    case DType::kF16:
      convert(tensor.values<uint16_t>(), f16_to_f32);
      return out;
    case DType::kBF16:
      convert(tensor.values<uint16_t>(), bf16_to_f32);
      return out;
    case DType::kF64:
      convert(tensor.values<double>(), [](double v) { return static_cast<float>(v); });
      return out;
    case DType::kF8E4M3:
      convert(tensor.values<uint8_t>(), f8e4m3_to_f32);
      return out;
    case DType::kF8E5M2:
      convert(tensor.values<uint8_t>(), f8e5m2_to_f32);
      return out;
    default:
      fail(ErrorCode::kUnsupported, fmt::format("{} values are not float32", torch_name(tensor.dtype)));
  }
}

Tensor from_f32(std::span<const float> values, DType dtype, Shape shape) {
  Tensor tensor = make_tensor(dtype, std::move(shape));
  const auto convert = [&](auto target, auto function) {
    std::transform(values.begin(), values.end(), target.begin(), function);
  };
  switch (dtype) {
    case DType::kF32:
      convert(tensor.values<float>(), [](float v) { return v; });
      return tensor;
    case DType::kF16:
      convert(tensor.values<uint16_t>(), f32_to_f16);
      return tensor;
    case DType::kBF16:
      convert(tensor.values<uint16_t>(), f32_to_bf16);
      return tensor;
    case DType::kF64:
      convert(tensor.values<double>(), [](float v) { return static_cast<double>(v); });
      return tensor;
    default:
      fail(ErrorCode::kUnsupported, fmt::format("float32 values cannot become {}", torch_name(dtype)));
  }
}

namespace {

/// The indices of the element at that row-major position.
Shape position_of(int64_t element, const Shape& shape) {
  Shape position(shape.size());
  for (size_t axis = shape.size(); axis-- > 0;) {
    position[axis] = element % shape[axis];
    element /= shape[axis];
  }
  return position;
}

}  // namespace

std::optional<std::string> non_finite_element(const Tensor& tensor) {
  const auto find = [&](auto values, auto odd, auto is_nan) -> std::optional<std::string> {
    const auto found = std::find_if(values.begin(), values.end(), odd);
    if (found == values.end()) return std::nullopt;
    return fmt::format("element {} is {}", to_string(position_of(found - values.begin(), tensor.shape)),
                       is_nan(*found) ? "nan" : "infinite");
  };
  // A float with the exponent's bits all ones is infinite when no bit of its fraction is set, else nan.
  const auto find_bits = [&](auto values, uint32_t exponent, uint32_t fraction) {
    return find(
        values, [=](auto v) { return (v & exponent) == exponent; },
        [=](auto v) { return (v & fraction) != 0; });
  };
  constexpr auto kIsNan = [](auto v) { return std::isnan(v); };
  constexpr auto kIsOdd = [](auto v) { return !std::isfinite(v); };
  switch (tensor.dtype) {
    case DType::kF32:
      return find(tensor.values<float>(), kIsOdd, kIsNan);
    case DType::kF64:
      return find(tensor.values<double>(), kIsOdd, kIsNan);
    case DType::kF16:
      return find_bits(tensor.values<uint16_t>(), 0x7c00U, 0x03ffU);
    case DType::kBF16:
      return find_bits(tensor.values<uint16_t>(), 0x7f80U, 0x007fU);
    case DType::kF8E4M3:  // has no infinities: only all bits ones is nan
      return find_bits(tensor.values<uint8_t>(), 0x7fU, 0x7fU);
    case DType::kF8E5M2:
      return find_bits(tensor.values<uint8_t>(), 0x7cU, 0x03U);
    default:
      return std::nullopt;
  }
}

}  // namespace golf
