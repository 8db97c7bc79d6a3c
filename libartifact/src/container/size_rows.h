#pragma once

#include "golf/artifact/budget/size_map.h"
#include "golf/artifact/quantize/stored_model.h"

namespace golf {

/// A row for the values or the scales of a tensor.
SizeRow tensor_row(const StoredTensor& tensor, bool scales, uint64_t bytes, uint64_t raw_bytes,
                   bool apportioned);
/// A row for bytes that belong to no tensor.
SizeRow overhead_row(BytePart part, uint64_t bytes, uint64_t raw_bytes, bool apportioned);

}  // namespace golf
