#pragma once

#include <map>
#include <string>

#include "golf/artifact/tensor/tensor_set.h"

namespace golf {

/// Whether the bytes look like a safetensors file (by content, never by name).
bool is_safetensors(ByteView bytes);
/// Tensors in the order of their data. @throws Error kCorruptData for every rule of docs/INPUTS.md that is
/// broken, kUnsupported for a dtype without a DType
TensorSet parse_safetensors(ByteView bytes, const std::string& what);
/// Tensors and metadata in the set's own order, the header padded with spaces to 8 bytes: same set, same
/// bytes. @throws Error kInvalidArgument for a name that the format cannot hold
Bytes encode_safetensors(const TensorSet& tensors);
/// The same with other metadata than the set's own.
Bytes encode_safetensors(const TensorSet& tensors, const std::map<std::string, std::string>& metadata);

}  // namespace golf
