#pragma once

#include <string>

#include "golf/artifact/tensor/tensor_set.h"

namespace golf {

/// Whether the bytes look like a safetensors file (by content, never by name).
bool is_safetensors(ByteView bytes);
/// Tensors in the order of their data. @throws Error kCorruptData for every rule of docs/INPUTS.md that is
/// broken
TensorSet parse_safetensors(ByteView bytes, const std::string& what);
/// Tensors and metadata in the set's own order, the header padded with spaces to 8 bytes: same set, same
/// bytes.
Bytes encode_safetensors(const TensorSet& tensors);

}  // namespace golf
