#include "formats/torch/tensor_view.h"

#include <fmt/format.h>

#include "golf/artifact/base/bytes.h"
#include "golf/artifact/base/error.h"

namespace golf {
namespace {

/// Copies dimension `dim` and the ones inside it; the innermost `contiguous_from` … go as one block.
struct StridedCopy {
  const TensorView& view;
  uint64_t item_bytes;
  size_t contiguous_from;
  uint64_t block_bytes;
  const std::byte* source;
  std::byte* target;

  void run(size_t dim, uint64_t element) {
    if (dim == contiguous_from) {
      std::memcpy(target, source + element * item_bytes, block_bytes);
      target += block_bytes;
      return;
    }
    for (int64_t i = 0; i < view.shape[dim]; ++i) {
      run(dim + 1, element + static_cast<uint64_t>(i) * static_cast<uint64_t>(view.strides[dim]));
    }
  }
};

}  // namespace

uint64_t checked_view_bytes(const TensorView& view, uint64_t storage_elements, const std::string& what) {
  if (view.strides.size() != view.shape.size()) {
    fail(ErrorCode::kCorruptData,
         fmt::format("{}: {} strides for a tensor of rank {}", what, view.strides.size(), view.shape.size()));
  }
  const uint64_t bytes = checked_tensor_bytes(view.dtype, view.shape, what);
  uint64_t end = view.offset;  // one past the last element that the view reaches
  for (size_t dim = 0; dim < view.shape.size(); ++dim) {
    if (view.strides[dim] < 0) {
      fail(ErrorCode::kCorruptData, fmt::format("{}: negative stride {}", what, view.strides[dim]));
    }
    if (bytes == 0) continue;  // reaches nothing, whatever the other dimensions say
    const uint64_t steps = static_cast<uint64_t>(view.shape[dim]) - 1;
    end = add_or_fail(end, mul_or_fail(steps, static_cast<uint64_t>(view.strides[dim]), what), what);
  }
  if (bytes > 0) end = add_or_fail(end, 1, what);
  if (end > storage_elements) {
    fail(ErrorCode::kCorruptData, fmt::format("{}: a view {} reaches element {} of a storage of {}", what,
                                              to_string(view.shape), end, storage_elements));
  }
  return bytes;
}

Tensor make_contiguous(const TensorView& view, ByteView storage) {
  Tensor tensor = make_tensor(view.dtype, view.shape);
  if (tensor.bytes.empty()) return tensor;
  const uint64_t item_bytes = dtype_size(view.dtype);
  size_t contiguous_from = view.shape.size();
  uint64_t block = 1;  // elements
  while (contiguous_from > 0) {
    const size_t dim = contiguous_from - 1;
    if (view.shape[dim] != 1 && static_cast<uint64_t>(view.strides[dim]) != block) break;
    block *= static_cast<uint64_t>(view.shape[dim]);
    contiguous_from = dim;
  }
  StridedCopy{.view = view,
              .item_bytes = item_bytes,
              .contiguous_from = contiguous_from,
              .block_bytes = block * item_bytes,
              .source = storage.data(),
              .target = tensor.bytes.data()}
      .run(0, view.offset);
  return tensor;
}

}  // namespace golf
