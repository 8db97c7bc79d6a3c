#include "container/ptz_container.h"

#include <fmt/format.h>

#include <algorithm>

#include "container/ptz_layout.h"
#include "container/size_rows.h"
#include "golf/artifact/base/error.h"
#include "golf/artifact/base/limits.h"

namespace golf {
namespace {

constexpr std::string_view kZipMagic = "PK\x03\x04";

/// An artifact with the size of the torch zip inside it.
struct ReadPtz {
  Artifact artifact = {};
  uint64_t zip_bytes = 0;
};

bool decodes_to_zip(CodecId id, ByteView bytes) {
  try {
    return as_text(decode_prefix(id, bytes, kZipMagic.size(), "")) == kZipMagic;
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

ReadPtz read_ptz(ByteView bytes, const std::string& what) {
  const std::optional<CodecId> codec = detect_ptz_codec(bytes);
  if (!codec) {
    fail(ErrorCode::kUnsupported, what + ": neither a .golf file nor a compressed torch file");
  }
  Bytes zip = decode(*codec, bytes, limits::kDecompressedBytes, what);
  const TorchValue root = parse_torch_file(zip, what);
  const uint64_t zip_bytes = zip.size();
  zip = {};
  const PtzLayoutRow* layout = recognize(root);
  if (layout == nullptr) {
    fail(ErrorCode::kUnsupported, what + ": the torch file inside has none of the known dictionary layouts");
  }
  ReadPtz read{.zip_bytes = zip_bytes};
  read.artifact.model = layout->read(root, what);
  for (const StoredTensor& tensor : read.artifact.model.tensors) check_form(tensor);
  read.artifact.info.format = ArtifactFormat::kPtz;
  read.artifact.info.codec = {.id = *codec, .level = CodecSpec::kUnknownLevel};
  read.artifact.info.ptz_layout = layout->name;
  return read;
}

}  // namespace

std::optional<CodecId> detect_ptz_codec(ByteView bytes) {
  if (as_text(bytes).starts_with(kZipMagic)) return CodecId::kStore;
  if (const auto codec = detect_codec(bytes)) return codec;
  return decodes_to_zip(CodecId::kBrotli, bytes) ? std::optional(CodecId::kBrotli) : std::nullopt;
}

bool is_ptz(ByteView bytes) {
  const std::optional<CodecId> codec = detect_ptz_codec(bytes);
  if (codec != CodecId::kStore) return codec.has_value();
  try {
    return recognize(parse_torch_file(bytes, "")) != nullptr;
  } catch (const Error&) {
    return false;  // the checkpoint reader will say what is wrong with it
  }
}

Bytes encode_ptz(const Artifact& artifact) {
  const TorchValue root = ptz_layout_row(artifact.info.ptz_layout).write(artifact.model);
  return encode(artifact.info.codec, encode_torch_file(root));
}

Artifact decode_ptz(ByteView bytes, const std::string& what) { return read_ptz(bytes, what).artifact; }

ArtifactSummary summarize_ptz(ByteView bytes, const std::string& what) {
  ReadPtz read = read_ptz(bytes, what);
  std::vector<StoredTensor>& tensors = read.artifact.model.tensors;
  ArtifactSummary summary{.info = std::move(read.artifact.info)};
  summary.sizes.file_bytes = bytes.size();
  std::vector<SizeRow>& rows = summary.sizes.rows;
  const uint64_t payload = read.artifact.model.payload_bytes();
  rows.push_back(
      overhead_row(BytePart::kContainer, 0, read.zip_bytes - std::min(payload, read.zip_bytes), true));
  for (const StoredTensor& tensor : tensors) {
    rows.push_back(tensor_row(tensor, false, 0, tensor.values.bytes.size(), true));
    if (tensor.storage != Storage::kKept) {
      rows.push_back(tensor_row(tensor, true, 0, tensor.scales.bytes.size(), true));
    }
  }
  std::vector<uint64_t> raw;
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
