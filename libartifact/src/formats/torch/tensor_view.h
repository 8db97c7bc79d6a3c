#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "golf/artifact/tensor/tensor.h"

namespace golf {

/// A window into a storage, as a `torch.save` file describes a tensor. Offset and strides are in elements.
struct TensorView {
  size_t storage = 0;  ///< which one
  DType dtype = DType::kF32;
  uint64_t offset = 0;
  Shape shape;
  std::vector<int64_t> strides;
};

/// Every element must lie inside a storage of `storage_elements`.
/// @return the bytes of the view when it is made contiguous; a stride of 0 counts in full
/// @throws Error kCorruptData
uint64_t checked_view_bytes(const TensorView& view, uint64_t storage_elements, const std::string& what);

/// The view's elements in row-major order. The view must have been checked against that storage.
Tensor make_contiguous(const TensorView& view, ByteView storage);

}  // namespace golf
