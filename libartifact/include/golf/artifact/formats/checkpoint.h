#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "golf/artifact/spec/model_config.h"
#include "golf/artifact/tensor/tensor_set.h"

namespace golf {

/// Unquantised weights as a trainer leaves them.
struct Checkpoint {
  TensorSet tensors;
  std::optional<ModelSpec> spec;  ///< from safetensors metadata, when it is there
};

/// First bytes of a .golf artifact. As in PNG, the high bit and the line ends betray a transfer as text.
inline constexpr std::string_view kGolfMagic = "\x89GOLF\r\n\x1a";

enum class FileKind { kSafetensors, kTorchZip, kGolf, kCompressed, kTokenShard, kUnknown };
/// What the content says the file is: magic numbers only.
FileKind detect_kind(ByteView bytes);

/// A safetensors file, or a torch zip whose root is a state dict (str → tensor).
/// @throws Error kUnsupported when the content is neither
Checkpoint parse_checkpoint(ByteView bytes, const std::string& what);
/// As safetensors; the spec goes into the metadata.
Bytes encode_checkpoint(const Checkpoint& checkpoint);

}  // namespace golf
