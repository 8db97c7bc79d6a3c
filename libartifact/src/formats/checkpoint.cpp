#include "golf/artifact/formats/checkpoint.h"

#include <fmt/format.h>

#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"
#include "golf/artifact/base/json.h"
#include "golf/artifact/encode/codec.h"
#include "golf/artifact/formats/safetensors.h"
#include "golf/artifact/formats/token_shard.h"
#include "golf/artifact/formats/torch/torch_file.h"

namespace golf {
namespace {

template <class T>
std::optional<T> leading(ByteView bytes) {
  if (bytes.size() < sizeof(T)) return std::nullopt;
  T value;
  std::memcpy(&value, bytes.data(), sizeof(T));
  return value;
}

Checkpoint from_safetensors(TensorSet tensors, const std::string& what) {
  Checkpoint checkpoint{.tensors = std::move(tensors), .spec = std::nullopt};
  const auto& metadata = checkpoint.tensors.metadata;
  if (const auto found = metadata.find(kModelSpecMetadataKey); found != metadata.end()) {
    const std::string where = fmt::format("{}: metadata \"{}\"", what, kModelSpecMetadataKey);
    checkpoint.spec = model_spec_from_json(parse_json(found->second, where), where);
  }
  return checkpoint;
}

TensorSet from_state_dict(TorchValue root, const std::string& what) {
  TensorSet tensors;
  for (auto& [key, value] : std::get<TorchValue::Dict>(root.value)) {
    const auto* name = std::get_if<std::string>(&key.value);
    auto* tensor = std::get_if<Tensor>(&value.value);
    if (name == nullptr || tensor == nullptr) {
      fail(ErrorCode::kUnsupported,
           fmt::format("{}: not a state dict: {} is no tensor: save model.state_dict() by itself", what,
                       name == nullptr ? "a key" : fmt::format("\"{}\"", printable(*name))));
    }
    tensors.add(*name, std::move(*tensor));
  }
  return tensors;
}

[[noreturn]] void fail_kind(FileKind kind, const std::string& what) {
  const auto found = [&]() -> std::string_view {
    switch (kind) {
      case FileKind::kGolf:
        return "this is a .golf artifact";
      case FileKind::kCompressed:
        return "this is compressed data, perhaps a .ptz artifact";
      case FileKind::kTokenShard:
        return "this is a token shard";
      default:
        return "the content is neither safetensors nor a torch zip";
    }
  }();
  fail(ErrorCode::kUnsupported, fmt::format("{}: not a checkpoint: {}", what, found));
}

}  // namespace

FileKind detect_kind(ByteView bytes) {
  if (as_text(bytes).starts_with(kGolfMagic)) return FileKind::kGolf;
  if (leading<int32_t>(bytes) == kShardMagic) return FileKind::kTokenShard;
  if (is_safetensors(bytes)) return FileKind::kSafetensors;
  if (is_torch_file(bytes)) return FileKind::kTorchZip;
  if (detect_codec(bytes)) return FileKind::kCompressed;
  return FileKind::kUnknown;
}

Checkpoint parse_checkpoint(ByteView bytes, const std::string& what) {
  switch (const FileKind kind = detect_kind(bytes)) {
    case FileKind::kSafetensors:
      return from_safetensors(parse_safetensors(bytes, what), what);
    case FileKind::kTorchZip:
      return {.tensors = from_state_dict(parse_torch_file(bytes, what), what), .spec = std::nullopt};
    default:
      fail_kind(kind, what);
  }
}

Bytes encode_checkpoint(const Checkpoint& checkpoint) {
  auto metadata = checkpoint.tensors.metadata;
  if (checkpoint.spec) metadata[kModelSpecMetadataKey] = to_json(*checkpoint.spec).dump();
  return encode_safetensors(checkpoint.tensors, metadata);
}

}  // namespace golf
