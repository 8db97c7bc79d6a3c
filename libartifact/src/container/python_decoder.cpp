#include "golf/artifact/container/python_decoder.h"

#include <fmt/format.h>

#include <algorithm>

#include "encode/golf/compression_levels.h"
#include "encode/golf/python/python_pieces.h"
#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"
#include "golf/artifact/spec/parameter_banks.h"

namespace golf {
namespace {

bool is_in_numpy(DType dtype) { return dtype <= DType::kF64; }

/// Whether the banks that the decoder is to join have all their matrices. @throws Error as join_banks()
void check_banks(const Artifact& artifact) {
  TensorSet shapes;
  for (const StoredTensor& tensor : artifact.model.tensors) {
    shapes.add(tensor.name, {tensor.original_dtype, tensor.values.shape, {}});
  }
  join_banks(std::move(shapes), artifact.info.banks);
}

/// The tied head, if the file records one that it does not store itself. A file may say anything: names that
/// Python would have to escape are no state dict's.
void add_tied_head(const Artifact& artifact, PythonDecoderParts& parts) {
  const auto found = artifact.info.provenance.find(kTiedHeadKey);
  if (found == artifact.info.provenance.end()) return;
  const std::string& head = found->second;
  const std::string table = tied_embedding(head);
  const auto is_stored = [&](const std::string& name) {
    return std::ranges::any_of(artifact.model.tensors,
                               [&](const auto& tensor) { return tensor.name == name; });
  };
  const bool is_plain = std::ranges::all_of(head, [](char c) {
    return c == '.' || c == '_' || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
  });
  if (!is_plain || is_stored(head) || !is_stored(table)) return;
  parts.tied_head = head;
  parts.table = table;
}

}  // namespace

void check_python_decoder(const ArtifactInfo& info) {
  if (info.format == ArtifactFormat::kGolf && info.codec.id == CodecId::kGolf) return;
  fail(ErrorCode::kInvalidArgument,
       fmt::format("a Python decoder is written for codec golf in a golf file, not for {} in a {} file",
                   to_string(info.codec), format_name(info.format)));
}

int fast_python_level() { return kFastPythonLevel; }

std::string python_decoder(const Artifact& artifact, DecoderLanguage language) {
  check_python_decoder(artifact.info);
  PythonDecoderParts parts{.level = artifact.info.codec.level,
                           .compiled = language == DecoderLanguage::kC,
                           .banks = artifact.info.banks};
  std::set<PythonFeature>& features = parts.features;
  for (const StoredTensor& tensor : artifact.model.tensors) {
    if (tensor.on_grid()) features.insert(PythonFeature::kGrid);
    if (is_trellis(tensor.encoding)) features.insert(PythonFeature::kTrellis);
    for (const DType dtype : {tensor.original_dtype, tensor.values.dtype}) {
      if (dtype == DType::kBF16) features.insert(PythonFeature::kBf16);
      if (is_in_numpy(dtype)) continue;
      fail(ErrorCode::kUnsupported, fmt::format("tensor \"{}\" is {}: the Python decoder has no such numbers",
                                                printable(tensor.name), torch_name(dtype)));
    }
  }
  check_banks(artifact);
  add_tied_head(artifact, parts);
  return pack_python(python_decoder_source(parts));
}

}  // namespace golf
