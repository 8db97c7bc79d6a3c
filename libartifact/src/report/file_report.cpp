#include "golf/artifact/report/file_report.h"

#include <fmt/format.h>

#include <algorithm>

#include "golf/artifact/base/checksum.h"
#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"
#include "golf/artifact/container/file_kind.h"
#include "golf/artifact/container/model_file.h"
#include "golf/artifact/formats/content.h"
#include "golf/artifact/formats/sentencepiece_vocab.h"
#include "golf/artifact/formats/token_shard.h"
#include "golf/artifact/spec/parameter_banks.h"
#include "golf/artifact/spec/tensor_inventory.h"

namespace golf {
namespace {

/// The tensors as they lie in a checkpoint, and its header. A torch file may share storages between tensors
/// or deflate them; then the file is apportioned.
SizeMap checkpoint_sizes(const TensorSet& tensors, uint64_t file_bytes) {
  SizeMap sizes{.file_bytes = file_bytes, .rows = {}};
  std::vector<uint64_t> shares;
  for (const auto& [name, tensor] : tensors) {
    sizes.rows.push_back({.tensor = name,
                          .group = std::string(role_name(role_of(name))),
                          .layer = layer_of(name),
                          .scheme = std::string(torch_name(tensor.dtype)),
                          .part = BytePart::kPayload,
                          .bytes = tensor.bytes.size(),
                          .raw_bytes = tensor.bytes.size(),
                          .elements = tensor.elements(),
                          .apportioned = false});
    shares.push_back(tensor.bytes.size());
  }
  SizeRow header{.tensor = "",
                 .group = "container",
                 .layer = -1,
                 .scheme = "",
                 .part = BytePart::kContainer,
                 .bytes = 0,
                 .raw_bytes = 0,
                 .elements = 0,
                 .apportioned = false};
  const uint64_t payload = tensors.total_bytes();
  if (payload <= file_bytes) {
    header.bytes = file_bytes - payload;
  } else {
    shares.push_back(0);
    const std::vector<uint64_t> parts = apportion(file_bytes, shares);
    for (size_t i = 0; i < sizes.rows.size(); ++i) {
      sizes.rows[i].bytes = parts[i];
      sizes.rows[i].apportioned = true;
    }
  }
  header.raw_bytes = header.bytes;
  sizes.rows.push_back(std::move(header));
  return sizes;
}

FileReport report_checkpoint(const ModelFile& file, FileKind kind, const std::optional<ModelSpec>& spec,
                             const std::string& key) {
  Checkpoint checkpoint = parse_checkpoint(file.bytes, file.name, key);
  FileReport report{.kind = InputKind::kCheckpoint};
  report.kind_name = kind == FileKind::kTorchCheckpoint ? "torch checkpoint" : "safetensors checkpoint";
  report.sizes = checkpoint_sizes(checkpoint.tensors, file.disk_bytes);
  report.spec = checkpoint.spec;
  report.warnings = std::move(checkpoint.notes);
  if (spec) {
    check_against_inventory(without_train_only(split_banks(checkpoint.tensors)), spec->model);
    report.spec = spec;
  }
  for (const auto& [name, tensor] : checkpoint.tensors) {
    if (const auto odd = non_finite_element(tensor)) {
      report.warnings.push_back(fmt::format("tensor \"{}\": {}", printable(name), *odd));
    }
  }
  return report;
}

/// Names, shapes and dtypes of an artifact as a TensorSet without data, for the inventory check.
void check_summary(const ArtifactSummary& summary, const ModelConfig& config) {
  TensorSet shapes;
  for (const StoredTensor& stored : summary.tensors) {
    shapes.add(stored.name, Tensor{stored.original_dtype, stored.values.shape, {}});
  }
  check_against_inventory(without_train_only(std::move(shapes)), config);
}

FileReport report_artifact(ByteView bytes, const std::string& what, const std::optional<ModelSpec>& spec,
                           Depth depth) {
  ArtifactSummary summary = summarize_artifact(bytes, what);
  const bool known = summary.info.ptz_layout != kUnknownPtzLayout;
  if (depth == Depth::kWeights && known) load_model(bytes, what, spec);
  FileReport report{.kind = InputKind::kArtifact};
  if (depth == Depth::kIntegers && known) report.stored = decode_artifact(bytes, what).model;
  report.kind_name = fmt::format("{} artifact", format_name(summary.info.format));
  report.spec = spec ? spec : summary.info.spec;
  try {
    if (report.spec && known) check_summary(summary, report.spec->model);
  } catch (const Error& error) {
    if (spec) throw;
    report.warnings.push_back(fmt::format("does not fit its own model configuration: {}", error.what()));
  }
  report.sizes = std::move(summary.sizes);
  if (!known) {
    report.warnings.push_back(
        "a dictionary of no known layout: its tensors are listed as they lie there, unchecked");
  }
  report.artifact = std::move(summary.info);
  return report;
}

SizeRow plain_row(std::string group, BytePart part, uint64_t bytes) {
  return {.tensor = "",
          .group = std::move(group),
          .layer = -1,
          .scheme = "",
          .part = part,
          .bytes = bytes,
          .raw_bytes = bytes,
          .elements = 0,
          .apportioned = false};
}

FileReport report_shard(ByteView bytes, const std::string& what) {
  const std::vector<uint16_t> tokens = parse_token_shard(bytes, what, 0);
  FileReport report{.kind = InputKind::kTokenShard};
  report.kind_name = "token shard";
  report.sizes.file_bytes = bytes.size();
  report.sizes.rows = {plain_row("tokens", BytePart::kPayload, bytes.size() - kShardHeaderBytes),
                       plain_row("container", BytePart::kContainer, kShardHeaderBytes)};
  report.facts = {{"tokens", Json(static_cast<uint64_t>(tokens.size()))},
                  {"largest_token", Json(int64_t{*std::max_element(tokens.begin(), tokens.end())})},
                  {"sha256", Json(sha256_hex(bytes))}};
  return report;
}

FileReport report_tokenizer(ByteView bytes, const std::string& what) {
  const SentencePieceVocab vocab = parse_sentencepiece_vocab(bytes, what);
  using Kind = SentencePieceVocab::Kind;
  const auto count = [&](Kind kind) {
    return Json(static_cast<uint64_t>(std::count_if(vocab.pieces.begin(), vocab.pieces.end(),
                                                    [&](const auto& piece) { return piece.kind == kind; })));
  };
  FileReport report{.kind = InputKind::kTokenizer};
  report.kind_name = "SentencePiece model";
  report.sizes.file_bytes = bytes.size();
  report.sizes.rows = {plain_row("pieces", BytePart::kPayload, bytes.size())};
  report.facts = {{"pieces", Json(static_cast<uint64_t>(vocab.pieces.size()))},
                  {"byte_pieces", count(Kind::kByte)},
                  {"control_pieces", count(Kind::kControl)},
                  {"user_defined_pieces", count(Kind::kUserDefined)},
                  {"sha256", Json(sha256_hex(bytes))}};
  return report;
}

FileReport report_content(const ModelFile& file, const std::optional<ModelSpec>& spec, Depth depth,
                          const std::string& key) {
  const ByteView bytes = file.bytes;
  const std::string& what = file.name;
  switch (const FileKind kind = identify(bytes)) {
    case FileKind::kGolf:
    case FileKind::kPtz:
      return report_artifact(bytes, what, spec, depth);
    case FileKind::kSafetensors:
    case FileKind::kTorchCheckpoint:
      return report_checkpoint(file, kind, spec, key);
    case FileKind::kTokenShard:
      return report_shard(bytes, what);
    case FileKind::kTokenizer:
      return report_tokenizer(bytes, what);
    case FileKind::kUnknown:
      break;
  }
  if (const auto named = name_content(bytes)) {
    fail(ErrorCode::kUnsupported, fmt::format("{}: not an artifact or checkpoint: {}", what, *named));
  }
  fail(ErrorCode::kUnsupported, fmt::format("{}: unknown content: not an artifact (.golf, .ptz), checkpoint "
                                            "(safetensors, torch zip), token shard or "
                                            "SentencePiece model",
                                            what));
}

}  // namespace

FileReport read_report(const std::string& path, const std::optional<ModelSpec>& spec, Depth depth,
                       const std::string& key) {
  const ModelFile file = read_model_file(path, LonePart::kNote);
  try {
    FileReport report = report_content(file, spec, depth, key);
    report.name = path == "-" ? file.name : path;
    report.warnings.insert(report.warnings.begin(), file.notes.begin(), file.notes.end());
    return report;
  } catch (const Error& error) {
    fail_within(file.name, error);
  }
}

FileReport read_any_report(const std::string& path, const std::optional<ModelSpec>& spec,
                           const std::string& key) {
  const ModelFile file = read_model_file(path, LonePart::kNote);
  FileReport report;
  try {
    report = report_content(file, spec, Depth::kWeights, key);
    if (report.kind != InputKind::kArtifact) {
      report.warnings.push_back(fmt::format("is a {}, not an artifact", report.kind_name));
    }
  } catch (const Error& error) {
    const bool damaged = error.code() == ErrorCode::kCorruptData && is_artifact(identify(file.bytes));
    const bool foreign = error.code() == ErrorCode::kUnsupported || error.code() == ErrorCode::kCorruptData;
    if (damaged || !foreign) fail_within(file.name, error);
    std::string reason = identify(file.bytes) == FileKind::kUnknown
                             ? describe_content(file.bytes, "unknown content")
                             : error.what();
    if (reason.starts_with(file.name + ": ")) reason.erase(0, file.name.size() + 2);
    report = {.kind = InputKind::kOther, .kind_name = "file of an unknown layout"};
    report.sizes = {.file_bytes = file.disk_bytes,
                    .rows = {plain_row("bytes", BytePart::kPayload, file.disk_bytes)}};
    report.warnings.push_back(reason + "; its bytes are counted");
  }
  report.name = path == "-" ? file.name : path;
  report.warnings.insert(report.warnings.begin(), file.notes.begin(), file.notes.end());
  return report;
}

}  // namespace golf
