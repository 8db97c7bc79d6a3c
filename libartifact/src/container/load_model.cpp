#include <fmt/format.h>

#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"
#include "golf/artifact/container/artifact.h"
#include "golf/artifact/container/file_kind.h"
#include "golf/artifact/formats/checkpoint.h"
#include "golf/artifact/spec/parameter_banks.h"
#include "golf/artifact/spec/tensor_inventory.h"

namespace golf {
namespace {

constexpr std::string_view kHeadName = "lm_head.weight", kEmbeddingName = "tok_emb.weight";

TensorSet without_tensor(TensorSet tensors, const std::string& dropped) {
  TensorSet kept;
  kept.metadata = std::move(tensors.metadata);
  for (auto& [name, tensor] : tensors) {
    if (name != dropped) kept.add(name, std::move(tensor));
  }
  return kept;
}

LoadedModel load_artifact(ByteView bytes, const std::string& what, int threads) {
  Artifact artifact = decode_artifact(bytes, what, threads);
  LoadedModel loaded{.tensors = dequantize(artifact.model, threads), .spec = artifact.info.spec};
  loaded.banks = artifact.info.banks;
  const auto tied = artifact.info.provenance.find(kTiedHeadKey);
  if (tied != artifact.info.provenance.end()) loaded.tied_head = tied->second;
  loaded.artifact = std::move(artifact);
  return loaded;
}

LoadedModel load_checkpoint(ByteView bytes, const std::string& what, const std::string& key) {
  Checkpoint checkpoint = parse_checkpoint(bytes, what, key);
  LoadedModel loaded{.spec = std::move(checkpoint.spec),
                     .banks = bank_names(checkpoint.tensors),
                     .notes = std::move(checkpoint.notes)};
  loaded.tensors = split_banks(std::move(checkpoint.tensors));
  return loaded;
}

LoadedModel load(ByteView bytes, const std::string& what, int threads, const std::string& key) {
  switch (identify(bytes)) {
    case FileKind::kGolf:
    case FileKind::kPtz:
      if (!key.empty()) {
        fail(ErrorCode::kInvalidArgument,
             what + ": --key: an artifact has no nested state dicts: leave it out");
      }
      return load_artifact(bytes, what, threads);
    case FileKind::kTokenShard:
      fail(ErrorCode::kUnsupported, what + ": not a checkpoint: this is a token shard");
    default:
      return load_checkpoint(bytes, what, key);
  }
}

/// Drops the output head of a checkpoint that holds the embedding's values once more: torch stores a tied
/// weight under both names. Without a configuration equal values are taken as tied.
void drop_tied_head(LoadedModel& loaded) {
  const std::string prefix = loaded.spec ? parameter_prefix(loaded.spec->model) : "";
  const std::string head_name = prefix + std::string(kHeadName);
  const std::string table_name = prefix + std::string(kEmbeddingName);
  const Tensor* head = loaded.tensors.find(head_name);
  const Tensor* table = loaded.tensors.find(table_name);
  if (head == nullptr || table == nullptr) return;
  if (loaded.spec && !loaded.spec->model.tie_embeddings) return;
  if (*head == *table) {
    loaded.tensors = without_tensor(std::move(loaded.tensors), head_name);
    loaded.tied_head = head_name;
    loaded.notes.push_back(
        fmt::format("{} has the values of {}: the two are taken as tied", head_name, table_name));
  } else if (loaded.spec) {
    fail(ErrorCode::kMismatch,
         fmt::format("tensor \"{}\": differs from {}, but the configuration ties them: give a configuration "
                     "with \"tie_embeddings\": false",
                     head_name, table_name));
  }
}

}  // namespace

std::string tied_embedding(std::string_view head) {
  return std::string(head.substr(0, head.size() - std::min(head.size(), kHeadName.size()))) +
         std::string(kEmbeddingName);
}

TensorSet LoadedModel::own_tensors() const {
  TensorSet own = join_banks(tensors, banks);
  if (tied_head.empty() || own.contains(tied_head)) return own;
  if (const Tensor* table = own.find(tied_embedding(tied_head))) own.add(tied_head, Tensor(*table));
  return own;
}

std::string LoadedModel::tokenizer_sha256() const {
  const auto& said = artifact ? artifact->info.provenance : tensors.metadata;
  const auto found = said.find(kTokenizerKey);
  return found == said.end() ? "" : found->second;
}

LoadedModel load_model(ByteView bytes, const std::string& what, const std::optional<ModelSpec>& spec_override,
                       int threads, const std::string& key) {
  try {
    LoadedModel loaded = load(bytes, what, threads, key);
    loaded.file_bytes = bytes.size();
    if (spec_override) loaded.spec = spec_override;
    if (!loaded.artifact) drop_tied_head(loaded);
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

LoadedModel load_model(const ModelFile& file, const std::optional<ModelSpec>& spec_override, int threads,
                       const std::string& key) {
  LoadedModel loaded = load_model(file.bytes, file.name, spec_override, threads, key);
  loaded.file_bytes = file.disk_bytes;
  loaded.notes.insert(loaded.notes.begin(), file.notes.begin(), file.notes.end());
  return loaded;
}

LoadedModel load_model(const std::string& path, const std::optional<ModelSpec>& spec_override, int threads,
                       const std::string& key) {
  return load_model(read_model_file(path), spec_override, threads, key);
}

}  // namespace golf
