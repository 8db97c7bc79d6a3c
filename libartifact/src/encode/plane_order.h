#pragma once

#include <cstdint>
#include <span>

#include "golf/artifact/base/bytes.h"
#include "golf/artifact/tensor/tensor.h"

namespace golf {

/// In which order the bytes of a stream's tensors go to the codec. The values are stored in .golf files and
/// never reused (docs/FORMAT.md).
enum class PlaneOrder : uint8_t {
  kAsIs = 0,        ///< tensors one after another, row-major
  kTransposed = 1,  ///< tensors one after another, matrices of one-byte elements column by column
  kBytePlanes = 2,  ///< all elements' first bytes, then all second bytes, …
};
inline constexpr int kPlaneOrderCount = 3;

/// One tensor's part of a stream.
struct StreamTensor {
  Shape shape;
  uint64_t element_bytes = 1;

  uint64_t bytes() const { return element_bytes * static_cast<uint64_t>(element_count(shape)); }
};

/// Whether the order can be applied: transposing needs one-byte elements, byte planes one common width.
bool order_applies(PlaneOrder order, std::span<const StreamTensor> tensors);

/// `joined` holds the tensors one after another, row-major; its size must be their sum. The second call
/// undoes the first. Both need order_applies().
Bytes apply_order(PlaneOrder order, std::span<const StreamTensor> tensors, Bytes joined);
Bytes undo_order(PlaneOrder order, std::span<const StreamTensor> tensors, Bytes ordered);

}  // namespace golf
