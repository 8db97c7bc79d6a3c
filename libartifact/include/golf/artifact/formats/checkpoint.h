#pragma once

#include <optional>
#include <string>
#include <vector>

#include "golf/artifact/spec/model_config.h"
#include "golf/artifact/tensor/tensor_set.h"

namespace golf {

/// Metadata of a safetensors checkpoint, and provenance of an artifact: SHA-256 of the tokenizer that the
/// model was made with.
inline constexpr const char* kTokenizerKey = "tokenizer_sha256";

/// Unquantized weights as a trainer leaves them.
struct Checkpoint {
  TensorSet tensors;
  std::optional<ModelSpec> spec = {};  ///< from safetensors metadata, when it is there
  /// What was done to make a state dict of it: one sentence each, for people.
  std::vector<std::string> notes = {};
};

/// A safetensors file, or a torch zip whose root is a state dict (str → tensor) or holds one.
///
/// - A torch file may nest the state dict, as training checkpoints do ({"model": …, "optimizer": …}). The one
///   that lies least deep is read. When several lie equally deep, `key` has to choose.
/// - Prefixes that wrappers put before all names ("module." of DistributedDataParallel, "_orig_mod." of
///   torch.compile, "model." of trainers) are taken off; "_orig_mod." also inside names, where blocks were
///   compiled one by one.
///
/// @param key  the place of the state dict in a torch file: "ema", or "train.model" in nested dicts; empty:
/// found as above
/// @throws Error kUnsupported when the content is neither, or holds no or several state dicts;
/// kInvalidArgument for a key that names none
Checkpoint parse_checkpoint(ByteView bytes, const std::string& what, const std::string& key = {});
/// The same under the names that the file has.
Checkpoint parse_stored_checkpoint(ByteView bytes, const std::string& what, const std::string& key = {});
/// As safetensors; the spec goes into the metadata.
Bytes encode_checkpoint(const Checkpoint& checkpoint);

}  // namespace golf
