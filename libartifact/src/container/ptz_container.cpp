#include "container/ptz_container.h"

#include <fmt/format.h>

#include <algorithm>

#include "container/grouped_blob.h"
#include "container/pgrp_v2.h"
#include "container/ptz_dict.h"
#include "container/ptz_groups.h"
#include "container/ptz_layout.h"
#include "container/size_rows.h"
#include "encode/byte_shuffle.h"
#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"
#include "golf/artifact/base/limits.h"
#include "golf/artifact/formats/content.h"
#include "golf/artifact/spec/parameter_banks.h"

namespace golf {
namespace {

constexpr std::string_view kZipMagic = "PK\x03\x04";

/// An artifact with the size of the torch zip inside it.
struct ReadPtz {
  Artifact artifact = {};
  uint64_t zip_bytes = 0;
};

/// A torch zip, byte-shuffled or not.
bool is_payload(ByteView bytes) { return as_text(bytes).starts_with(kZipMagic) || is_byte_shuffled(bytes); }

bool decodes_to_payload(CodecId id, ByteView bytes) {
  try {
    return is_payload(decode_prefix(id, bytes, kZipMagic.size(), ""));
  } catch (const Error&) {
    return false;  // trying is the only way to tell: brotli has no magic number
  }
}

const PtzLayoutRow* recognize(const TorchValue& root) {
  const auto rows = ptz_layout_table();
  const auto found =
      std::find_if(rows.begin(), rows.end(), [&](const PtzLayoutRow& row) { return row.recognizes(root); });
  return found == rows.end() ? nullptr : &*found;
}

enum class UnknownLayout { kRefuse, kList };

StoredModel read_layout(const TorchValue& root, const PtzLayoutRow* layout, const std::string& what) {
  if (layout == nullptr) {
    fail(ErrorCode::kUnsupported, what +
                                      ": the torch file inside has none of the known dictionary layouts: "
                                      "golf-inspect lists its tensors");
  }
  StoredModel model = layout->read(root, what);
  for (const StoredTensor& tensor : model.tensors) check_form(tensor);
  return model;
}

ReadPtz read_ptz(ByteView bytes, const std::string& what, UnknownLayout unknown) {
  const std::optional<CodecId> codec = detect_ptz_codec(bytes);
  if (!codec) {
    fail(ErrorCode::kUnsupported, what + ": neither a .golf file nor a compressed torch file");
  }
  ReadPtz read;
  ArtifactInfo& info = read.artifact.info;
  Bytes zip = decode(*codec, bytes, limits::kDecompressedBytes, what);
  if (is_byte_shuffled(zip)) {
    UnshuffledBytes unshuffled = unshuffle_bytes(zip, what);
    info.ptz_byte_shuffle = unshuffled.stride;
    zip = std::move(unshuffled.raw);
  }
  if (!is_torch_file(zip)) {
    fail(ErrorCode::kUnsupported,
         fmt::format("{}: not an artifact: {} of {}", what, stream_name(*codec), name_decompressed(zip)));
  }
  const TorchValue root = parse_torch_file(zip, what);
  read.zip_bytes = zip.size();
  zip = {};
  const PtzLayoutRow* layout = recognize(root);
  info.format = ArtifactFormat::kPtz;
  info.codec = {.id = *codec, .level = CodecSpec::kUnknownLevel};
  try {
    read.artifact.model = read_layout(root, layout, what);
    info.ptz_layout = layout->name;
  } catch (const Error& error) {
    if (unknown == UnknownLayout::kRefuse || error.code() != ErrorCode::kUnsupported) throw;
    read.artifact.model = list_tensors(root);
    info.ptz_layout = kUnknownPtzLayout;
  }
  return read;
}

}  // namespace

std::optional<CodecId> detect_ptz_codec(ByteView bytes) {
  if (is_payload(bytes)) return CodecId::kStore;
  if (const auto codec = detect_codec(bytes)) return codec;
  return decodes_to_payload(CodecId::kBrotli, bytes) ? std::optional(CodecId::kBrotli) : std::nullopt;
}

bool is_ptz(ByteView bytes) {
  if (is_grouped(bytes)) return true;
  const std::optional<CodecId> codec = detect_ptz_codec(bytes);
  if (codec != CodecId::kStore) return codec.has_value();
  try {
    return recognize(parse_torch_file(bytes, "")) != nullptr;
  } catch (const Error&) {
    return false;  // the checkpoint reader will say what is wrong with it
  }
}

Bytes encode_ptz(const Artifact& artifact, int threads) {
  const ArtifactInfo& info = artifact.info;
  for (const StoredTensor& stored : artifact.model.tensors) {
    if (!stored.on_grid()) continue;
    fail(ErrorCode::kUnsupported, fmt::format("ptz layouts cannot hold {} (tensor \"{}\"): use --format golf",
                                              stored.scheme(), printable(stored.name)));
  }
  if (info.ptz_layout == kPgrpV1Layout) return encode_grouped(artifact, threads);
  if (info.ptz_layout == kPgrpV2Layout || info.ptz_layout == kPgrpV2LrzipLayout) {
    return encode_pgrp_v2(artifact, threads);
  }
  const PtzLayoutRow& layout = ptz_layout_row(info.ptz_layout);
  const Bytes zip = encode_torch_file(layout.write(artifact.model));
  if (info.ptz_byte_shuffle == 0) return encode(info.codec, zip, threads);
  if (info.ptz_byte_shuffle < 0 || info.ptz_byte_shuffle > 255) {
    fail(ErrorCode::kInvalidArgument,
         fmt::format("byte shuffle of stride {}: 1 to 255 expected", info.ptz_byte_shuffle));
  }
  return encode(info.codec, shuffle_bytes(zip, info.ptz_byte_shuffle), threads);
}

Artifact decode_ptz(ByteView bytes, const std::string& what, int threads) {
  Artifact artifact = is_pgrp_v2(bytes)   ? decode_pgrp_v2(bytes, what)
                      : is_grouped(bytes) ? decode_grouped(bytes, what, threads)
                                          : read_ptz(bytes, what, UnknownLayout::kRefuse).artifact;
  std::vector<std::string> names;
  for (const StoredTensor& tensor : artifact.model.tensors) names.push_back(tensor.name);
  artifact.info.banks = banks_by_order(names);
  return artifact;
}

ArtifactSummary summarize_ptz(ByteView bytes, const std::string& what) {
  if (is_pgrp_v2(bytes)) return summarize_pgrp_v2(bytes, what);
  if (is_grouped(bytes)) return summarize_grouped(bytes, what);
  ReadPtz read = read_ptz(bytes, what, UnknownLayout::kList);
  std::vector<StoredTensor>& tensors = read.artifact.model.tensors;
  ArtifactSummary summary{.info = std::move(read.artifact.info)};
  summary.sizes.file_bytes = bytes.size();
  std::vector<SizeRow>& rows = summary.sizes.rows;
  const uint64_t payload = read.artifact.model.payload_bytes();
  rows.push_back(
      overhead_row(BytePart::kContainer, 0, read.zip_bytes - std::min(payload, read.zip_bytes), true));
  for (const StoredTensor& tensor : tensors) {
    rows.push_back(tensor_row(tensor, false, 0, tensor.values.bytes.size(), true));
    if (tensor.encoding != Encoding::kPassthrough) {
      const uint64_t scales = tensor.payload_bytes() - tensor.values.bytes.size();
      rows.push_back(tensor_row(tensor, true, 0, scales, true));
    }
  }
  std::vector<uint64_t> raw;
  raw.reserve(rows.size());
  for (const SizeRow& row : rows) raw.push_back(row.raw_bytes);
  const std::vector<uint64_t> shares = apportion(bytes.size(), raw);
  for (size_t i = 0; i < rows.size(); ++i) rows[i].bytes = shares[i];
  for (StoredTensor& tensor : tensors) {
    tensor.values.bytes = {};
    tensor.scales.bytes = {};
  }
  summary.tensors = std::move(tensors);
  return summary;
}

}  // namespace golf
