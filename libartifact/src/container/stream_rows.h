#pragma once

#include <string>
#include <vector>

#include "container/golf_tensor_table.h"
#include "golf/artifact/budget/size_map.h"
#include "golf/artifact/encode/codec.h"

namespace golf {

/// Adds a row for each part of a stream, and one for bytes that belong to all: exactly where the codec is
/// golf, else in proportion to the bytes before the codec. @throws Error kCorruptData "place: …"
void add_stream_rows(SizeMap& sizes, CodecId codec, ByteView stored, const std::vector<TableEntry>& table,
                     const std::vector<StreamPart>& parts, const std::string& place);

}  // namespace golf
