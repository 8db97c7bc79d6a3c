#pragma once

#include <cstring>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "golf/artifact/base/bytes.h"
#include "golf/artifact/tensor/dtype.h"

namespace golf {

using Shape = std::vector<int64_t>;

/// Product of the dimensions; 1 for a 0-dim scalar. For shapes that are already checked.
int64_t element_count(const Shape& shape);
/// "[1024, 512]".
std::string to_string(const Shape& shape);
/// Bytes of a tensor of that dtype and shape as read from a file: rank ≤ 8, no negative dimension, no
/// overflow, at most limits::kTensorBytesTotal. @throws Error kCorruptData "what: …"
uint64_t checked_tensor_bytes(DType dtype, const Shape& shape, const std::string& what);

/// Owning, contiguous, row-major, little-endian.
struct Tensor {
  DType dtype = DType::kF32;
  Shape shape = {0};
  Bytes bytes;

  int64_t elements() const { return element_count(shape); }
  int64_t rank() const { return static_cast<int64_t>(shape.size()); }

  /// The elements as T, which must have the dtype's size; borrows from this tensor.
  template <class T>
  std::span<const T> values() const {
    return {reinterpret_cast<const T*>(bytes.data()), bytes.size() / sizeof(T)};
  }
  template <class T>
  std::span<T> values() {
    return {reinterpret_cast<T*>(bytes.data()), bytes.size() / sizeof(T)};
  }

  bool operator==(const Tensor&) const = default;
};

/// A zero-filled tensor.
Tensor make_tensor(DType dtype, Shape shape);
template <class T>
Tensor make_tensor(DType dtype, Shape shape, std::span<const T> values) {
  Tensor tensor{dtype, std::move(shape), Bytes(values.size_bytes())};
  if (!values.empty()) std::memcpy(tensor.bytes.data(), values.data(), values.size_bytes());
  return tensor;
}

/// The elements as float32: exact from f16, bf16 and f32, rounded from f64. @throws Error kUnsupported for
/// others
std::vector<float> to_f32(const Tensor& tensor);
/// float32 values cast to a floating dtype, round half to even. @throws Error kUnsupported for others
Tensor from_f32(std::span<const float> values, DType dtype, Shape shape);
/// Where a floating tensor first has a value that is not finite, in words: "element [1, 7] is nan". Nothing
/// when all are finite, and for other dtypes.
std::optional<std::string> non_finite_element(const Tensor& tensor);

}  // namespace golf
