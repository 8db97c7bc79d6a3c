#include "golf/artifact/formats/checkpoint.h"

#include <fmt/format.h>

#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"
#include "golf/artifact/base/json.h"
#include "golf/artifact/formats/safetensors.h"
#include "golf/artifact/formats/torch/torch_file.h"

namespace golf {
namespace {

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

}  // namespace

Checkpoint parse_checkpoint(ByteView bytes, const std::string& what) {
  if (is_safetensors(bytes)) return from_safetensors(parse_safetensors(bytes, what), what);
  if (is_torch_file(bytes)) {
    return {.tensors = from_state_dict(parse_torch_file(bytes, what), what), .spec = std::nullopt};
  }
  fail(ErrorCode::kUnsupported,
       what + ": not a checkpoint: the content is neither safetensors nor a torch zip");
}

Bytes encode_checkpoint(const Checkpoint& checkpoint) {
  auto metadata = checkpoint.tensors.metadata;
  if (checkpoint.spec) metadata[kModelSpecMetadataKey] = to_json(*checkpoint.spec).dump();
  return encode_safetensors(checkpoint.tensors, metadata);
}

}  // namespace golf
