#include "golf/artifact/container/weight_reader.h"

#include <fmt/format.h>

#include <algorithm>

#include "golf/artifact/base/error.h"
#include "golf/artifact/base/text.h"
#include "golf/artifact/container/file_kind.h"
#include "golf/artifact/formats/checkpoint.h"
#include "golf/artifact/spec/parameter_banks.h"
#include "golf/artifact/spec/tensor_inventory.h"

namespace golf {
namespace {

/// The embedding, which a tied head shares.
constexpr std::string_view kTiedTable = "tok_emb.weight";

std::vector<WeightReader::Row> rows_of(const TensorSet& tensors) {
  std::vector<WeightReader::Row> rows;
  for (const auto& [name, tensor] : tensors) rows.push_back({name, tensor.dtype, tensor.shape});
  return rows;
}

/// Whether `matrix` is one of those that the bank holds.
bool belongs_to(const std::string& bank, const std::string& matrix) {
  const auto place = bank_place(matrix);
  const auto bank_of = bank_place(fmt::format("blocks.0.{}.weight", bank_matrices(bank).front()));
  return place && place->bank == bank_of->bank;
}

}  // namespace

WeightReader::WeightReader(const ModelFile& file, int threads, const std::string& key) : what_(file.name) {
  try {
    if (is_artifact(identify(file.bytes))) {
      require(key.empty(), "key", "an artifact has no nested state dicts: leave it out");
      read_artifact(file, threads);
      rows_ = rows_of(model_.own_tensors());
    } else {
      Checkpoint checkpoint = parse_checkpoint(file.bytes, what_, key);
      model_ = {.tensors = std::move(checkpoint.tensors),
                .spec = std::move(checkpoint.spec),
                .notes = std::move(checkpoint.notes)};
      rows_ = rows_of(model_.tensors);
    }
  } catch (const Error& error) {
    fail_within(what_, error);
  }
  model_.notes.insert(model_.notes.begin(), file.notes.begin(), file.notes.end());
}

void WeightReader::read_artifact(const ModelFile& file, int threads) {
  model_.artifact = decode_artifact(file.bytes, what_, threads);
  const ArtifactInfo& info = model_.artifact->info;
  model_.spec = info.spec;
  model_.banks = info.banks;
  const auto tied = info.provenance.find(kTiedHeadKey);
  if (tied != info.provenance.end()) model_.tied_head = tied->second;
  for (const StoredTensor& stored : model_.artifact->model.tensors) {
    check_form(stored);
    model_.tensors.add(stored.name, {stored.original_dtype, stored.values.shape, {}});
  }
  if (!model_.spec) return;
  model_.tensors = without_train_only(std::move(model_.tensors));
  model_.tensors.reorder(tensor_names(model_.spec->model));
  check_against_inventory(model_.tensors, model_.spec->model);
}

LoadedModel WeightReader::parts_of(const std::string& name) const {
  LoadedModel parts;
  const bool stored_so = model_.tensors.contains(name);
  if (!stored_so && std::ranges::find(model_.banks, name) != model_.banks.end()) parts.banks = {name};
  if (!stored_so && name == model_.tied_head) parts.tied_head = name;
  for (const StoredTensor& stored : model_.artifact->model.tensors) {
    const bool is_embedding = !parts.tied_head.empty() && stored.name.ends_with(kTiedTable);
    if (stored.name == name || is_embedding || (!parts.banks.empty() && belongs_to(name, stored.name))) {
      parts.tensors.add(stored.name, dequantize(stored));
    }
  }
  check_finite(parts.tensors);
  return parts;
}

Tensor WeightReader::tensor(std::string_view name) const {
  const std::string wanted(name);
  if (std::ranges::none_of(rows_, [&](const Row& row) { return row.name == wanted; })) {
    fail(ErrorCode::kMismatch, fmt::format("{}: no tensor \"{}\"", what_, printable(wanted)));
  }
  if (!model_.artifact) return model_.tensors.at(wanted);
  try {
    TensorSet own = parts_of(wanted).own_tensors();
    return std::move(*own.find(wanted));
  } catch (const Error& error) {
    fail_within(what_, error);
  }
}

}  // namespace golf
