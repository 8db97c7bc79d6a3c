#pragma once

#include <string>
#include <vector>

#include "container/golf_tensor_table.h"
#include "golf/artifact/budget/size_map.h"
#include "golf/artifact/encode/codec.h"
#include "golf/artifact/quantize/stored_model.h"

namespace golf {

/// A row for the values or the scales of a tensor.
SizeRow tensor_row(const StoredTensor& tensor, bool scales, uint64_t bytes, uint64_t raw_bytes,
                   bool apportioned);
/// A row for bytes that belong to no tensor.
SizeRow overhead_row(BytePart part, uint64_t bytes, uint64_t raw_bytes, bool apportioned);

/// Adds a row for each part of a stream, and one for bytes that belong to all: exactly where the codec is
/// golf, else in proportion to the bytes before the codec. @throws Error kCorruptData "place: …"
void add_stream_rows(SizeMap& sizes, CodecId codec, ByteView stored, const std::vector<TableEntry>& table,
                     const std::vector<StreamPart>& parts, const std::string& place);

}  // namespace golf
