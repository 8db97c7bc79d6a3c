#include "encode/plane_order.h"

#include <algorithm>

namespace golf {
namespace {

/// out[c][r] = in[r][c] for a matrix of bytes, in tiles that fit the cache.
void transpose(ByteView in, size_t rows, size_t columns, std::span<std::byte> out) {
  constexpr size_t kTile = 64;
  for (size_t row0 = 0; row0 < rows; row0 += kTile) {
    for (size_t column0 = 0; column0 < columns; column0 += kTile) {
      const size_t row_end = std::min(rows, row0 + kTile);
      const size_t column_end = std::min(columns, column0 + kTile);
      for (size_t column = column0; column < column_end; ++column) {
        for (size_t row = row0; row < row_end; ++row) out[column * rows + row] = in[row * columns + column];
      }
    }
  }
}

/// Transposes every matrix among the tensors; undoing swaps the roles of rows and columns.
Bytes transpose_tensors(std::span<const StreamTensor> tensors, ByteView in, bool undo) {
  Bytes out(in.begin(), in.end());
  size_t offset = 0;
  for (const StreamTensor& tensor : tensors) {
    const uint64_t size = tensor.bytes();
    if (tensor.shape.size() == 2 && size > 0) {
      const auto rows = static_cast<size_t>(tensor.shape[undo ? 1 : 0]);
      const auto columns = static_cast<size_t>(tensor.shape[undo ? 0 : 1]);
      transpose(in.subspan(offset, size), rows, columns, std::span(out).subspan(offset, size));
    }
    offset += size;
  }
  return out;
}

/// The stream as one matrix [elements, width], transposed: byte planes.
Bytes split_planes(std::span<const StreamTensor> tensors, ByteView in, bool undo) {
  const size_t width = tensors.empty() ? 1 : tensors.front().element_bytes;
  const size_t elements = in.size() / width;
  Bytes out(in.size());
  transpose(in, undo ? width : elements, undo ? elements : width, out);
  return out;
}

Bytes reorder(PlaneOrder order, std::span<const StreamTensor> tensors, Bytes in, bool undo) {
  switch (order) {
    case PlaneOrder::kTransposed:
      return transpose_tensors(tensors, in, undo);
    case PlaneOrder::kBytePlanes:
      return split_planes(tensors, in, undo);
    case PlaneOrder::kAsIs:
      break;
  }
  return in;
}

}  // namespace

bool order_applies(PlaneOrder order, std::span<const StreamTensor> tensors) {
  const auto has_width = [](uint64_t width) {
    return [width](const StreamTensor& tensor) { return tensor.element_bytes == width; };
  };
  switch (order) {
    case PlaneOrder::kAsIs:
      return true;
    case PlaneOrder::kTransposed:
      return std::all_of(tensors.begin(), tensors.end(), has_width(1));
    case PlaneOrder::kBytePlanes:
      return !tensors.empty() &&
             std::all_of(tensors.begin(), tensors.end(), has_width(tensors.front().element_bytes));
  }
  return false;
}

Bytes apply_order(PlaneOrder order, std::span<const StreamTensor> tensors, Bytes joined) {
  return reorder(order, tensors, std::move(joined), false);
}

Bytes undo_order(PlaneOrder order, std::span<const StreamTensor> tensors, Bytes ordered) {
  return reorder(order, tensors, std::move(ordered), true);
}

}  // namespace golf
