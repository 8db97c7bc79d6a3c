#include "golf/artifact/formats/checkpoint.h"

#include <fmt/format.h>

#include "formats/state_dict.h"
#include "golf/artifact/base/error.h"
#include "golf/artifact/base/json.h"
#include "golf/artifact/formats/content.h"
#include "golf/artifact/formats/safetensors.h"
#include "golf/artifact/formats/torch/torch_file.h"

namespace golf {
namespace {

Checkpoint from_safetensors(TensorSet tensors, const std::string& what) {
  Checkpoint checkpoint{.tensors = std::move(tensors)};
  const auto& metadata = checkpoint.tensors.metadata;
  if (const auto found = metadata.find(kModelSpecMetadataKey); found != metadata.end()) {
    const std::string where = fmt::format("{}: metadata \"{}\"", what, kModelSpecMetadataKey);
    checkpoint.spec = model_spec_from_json(parse_json(found->second, where), where);
  }
  return checkpoint;
}

}  // namespace

Checkpoint parse_stored_checkpoint(ByteView bytes, const std::string& what, const std::string& key) {
  Checkpoint checkpoint;
  if (is_safetensors(bytes)) {
    if (!key.empty()) {
      fail(ErrorCode::kInvalidArgument,
           what + ": --key: a safetensors file has no nested state dicts: leave it out");
    }
    checkpoint = from_safetensors(parse_safetensors(bytes, what), what);
  } else if (is_torch_file(bytes)) {
    checkpoint.tensors = find_state_dict(parse_torch_file(bytes, what), what, key, checkpoint.notes);
  } else {
    fail(ErrorCode::kUnsupported,
         fmt::format("{}: not a checkpoint: {}", what,
                     describe_content(bytes, "the content is neither safetensors nor a torch zip")));
  }
  return checkpoint;
}

Checkpoint parse_checkpoint(ByteView bytes, const std::string& what, const std::string& key) {
  Checkpoint checkpoint = parse_stored_checkpoint(bytes, what, key);
  checkpoint.tensors = without_wrappers(std::move(checkpoint.tensors), checkpoint.notes);
  return checkpoint;
}

Bytes encode_checkpoint(const Checkpoint& checkpoint) {
  auto metadata = checkpoint.tensors.metadata;
  if (checkpoint.spec) metadata[kModelSpecMetadataKey] = to_json(*checkpoint.spec).dump();
  return encode_safetensors(checkpoint.tensors, metadata);
}

}  // namespace golf
