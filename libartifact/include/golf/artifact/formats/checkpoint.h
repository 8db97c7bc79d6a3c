#pragma once

#include <optional>
#include <string>

#include "golf/artifact/spec/model_config.h"
#include "golf/artifact/tensor/tensor_set.h"

namespace golf {

/// Metadata of a safetensors checkpoint, and provenance of an artifact: SHA-256 of the tokenizer that the
/// model was made with.
inline constexpr const char* kTokenizerKey = "tokenizer_sha256";

/// Unquantized weights as a trainer leaves them.
struct Checkpoint {
  TensorSet tensors;
  std::optional<ModelSpec> spec;  ///< from safetensors metadata, when it is there
};

/// A safetensors file, or a torch zip whose root is a state dict (str → tensor).
/// @throws Error kUnsupported when the content is neither
Checkpoint parse_checkpoint(ByteView bytes, const std::string& what);
/// As safetensors; the spec goes into the metadata.
Bytes encode_checkpoint(const Checkpoint& checkpoint);

}  // namespace golf
