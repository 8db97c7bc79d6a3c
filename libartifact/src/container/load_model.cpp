#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"
#include "golf/artifact/container/artifact.h"
#include "golf/artifact/container/file_kind.h"
#include "golf/artifact/formats/checkpoint.h"
#include "golf/artifact/spec/parameter_banks.h"
#include "golf/artifact/spec/tensor_inventory.h"

namespace golf {
namespace {

LoadedModel load_artifact(ByteView bytes, const std::string& what, int threads) {
  Artifact artifact = decode_artifact(bytes, what, threads);
  LoadedModel loaded{.tensors = dequantize(artifact.model, threads), .spec = artifact.info.spec};
  loaded.banks = artifact.info.banks;
  loaded.artifact = std::move(artifact);
  return loaded;
}

LoadedModel load_checkpoint(ByteView bytes, const std::string& what) {
  Checkpoint checkpoint = parse_checkpoint(bytes, what);
  LoadedModel loaded{.spec = std::move(checkpoint.spec), .banks = bank_names(checkpoint.tensors)};
  loaded.tensors = split_banks(std::move(checkpoint.tensors));
  return loaded;
}

LoadedModel load(ByteView bytes, const std::string& what, int threads) {
  switch (identify(bytes)) {
    case FileKind::kGolf:
    case FileKind::kPtz:
      return load_artifact(bytes, what, threads);
    case FileKind::kTokenShard:
      fail(ErrorCode::kUnsupported, what + ": not a checkpoint: this is a token shard");
    default:
      return load_checkpoint(bytes, what);
  }
}

}  // namespace

TensorSet LoadedModel::own_tensors() const { return join_banks(tensors, banks); }

std::string LoadedModel::tokenizer_sha256() const {
  const auto& said = artifact ? artifact->info.provenance : tensors.metadata;
  const auto found = said.find(kTokenizerKey);
  return found == said.end() ? "" : found->second;
}

LoadedModel load_model(ByteView bytes, const std::string& what, const std::optional<ModelSpec>& spec_override,
                       int threads) {
  try {
    LoadedModel loaded = load(bytes, what, threads);
    loaded.file_bytes = bytes.size();
    if (spec_override) loaded.spec = spec_override;
    if (loaded.spec) {
      loaded.tensors = without_train_only(std::move(loaded.tensors));
      loaded.tensors.reorder(tensor_names(loaded.spec->model));
      check_against_inventory(loaded.tensors, loaded.spec->model);
    }
    // A checkpoint of no known model may hold what the caller drops.
    if (loaded.spec || loaded.artifact) check_finite(loaded.tensors);
    return loaded;
  } catch (const Error& error) {
    fail_within(what, error);
  }
}

LoadedModel load_model(const std::string& path, const std::optional<ModelSpec>& spec_override, int threads) {
  return load_model(read_file(path), path, spec_override, threads);
}

}  // namespace golf
