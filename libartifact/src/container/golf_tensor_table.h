#pragma once

#include <string>
#include <vector>

#include "encode/plane_order.h"
#include "golf/artifact/quantize/stored_model.h"

namespace golf {

/// One tensor as the table describes it, and the streams (counted from 0) that hold its parts.
struct TableEntry {
  StoredTensor tensor;  ///< shapes and dtypes, no bytes
  uint64_t values_stream = 0;
  uint64_t scales_stream = 0;  ///< only when the tensor has scales
};

/// A tensor's part in a stream.
struct StreamPart {
  size_t tensor = 0;  ///< index in the table
  bool scales = false;
  StreamTensor form;  ///< its shape and element width
};

/// Bytes of section kTensorTable (docs/FORMAT.md).
Bytes encode_tensor_table(const std::vector<TableEntry>& table);

/// @throws Error kCorruptData: malformed, duplicate name, parts that do not belong together, a stream ≥
/// `stream_count`, or tensors that would decode to more than limits::kTensorBytesTotal
std::vector<TableEntry> decode_tensor_table(ByteView bytes, uint64_t stream_count, const std::string& what);

/// What each stream holds, in the table's order: for every tensor its values, then its scales.
std::vector<std::vector<StreamPart>> parts_by_stream(const std::vector<TableEntry>& table,
                                                     uint64_t stream_count);
std::vector<StreamTensor> stream_tensors(const std::vector<StreamPart>& parts);

}  // namespace golf
