#include "container/ptz_groups.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "container/grouped_blob.h"
#include "container/ptz_dict.h"
#include "container/ptz_layout.h"
#include "container/size_rows.h"
#include "golf/artifact/base/error.h"

namespace golf {
namespace {

using Dict = TorchValue::Dict;

constexpr std::string_view kLayout = kPgrpV1Layout;

/// The w/m dictionary that the blob was made of.
TorchValue join(GroupedBlob& blob, std::vector<Tensor> matrices) {
  Dict weights = std::move(blob.rest);
  for (size_t i = 0; i < matrices.size(); ++i) {
    put(weights, blob.matrices[i].key, {.value = std::move(matrices[i])});
  }
  Dict root;
  put(root, "w", {.value = std::move(weights)});
  put(root, "m", std::move(blob.kinds));
  return {.value = std::move(root)};
}

ArtifactInfo info_of(std::string_view layout) {
  return {.format = ArtifactFormat::kPtz,
          .codec = {.id = CodecId::kBrotli, .level = CodecSpec::kUnknownLevel},
          .ptz_layout = std::string(layout)};
}

StoredModel read_checked(const TorchValue& root, const std::string& what) {
  StoredModel model = read_wm_scale(root, what);
  for (const StoredTensor& tensor : model.tensors) check_form(tensor);
  return model;
}

uint64_t header_bytes(ByteView bytes, const std::vector<ByteView>& streams) {
  uint64_t stream_bytes = 0;
  for (const ByteView stream : streams) stream_bytes += stream.size();
  return bytes.size() - stream_bytes;
}

ArtifactSummary summarize_streams(ByteView bytes, const std::string& what) {
  const std::vector<ByteView> streams = split_streams(bytes, what);
  ArtifactSummary summary{.info = info_of(kUnknownPtzLayout)};
  summary.sizes.file_bytes = bytes.size();
  const uint64_t header = header_bytes(bytes, streams);
  summary.sizes.rows.push_back(overhead_row(BytePart::kContainer, header, header, false));
  for (size_t i = 0; i < streams.size(); ++i) {
    summary.sizes.rows.push_back({.tensor = fmt::format("stream {}", i),
                                  .group = "other",
                                  .bytes = streams[i].size(),
                                  .raw_bytes = streams[i].size()});
  }
  return summary;
}

/// Shares out each stream's bytes among its rows.
void apportion_streams(const GroupedBlob& blob, const std::vector<size_t>& stream_of_row,
                       std::vector<SizeRow>& rows) {
  for (size_t stream = 0; stream < blob.streams.size(); ++stream) {
    std::vector<size_t> indices;
    std::vector<uint64_t> raw;
    for (size_t i = 0; i < rows.size(); ++i) {
      if (stream_of_row[i] != stream) continue;
      indices.push_back(i);
      raw.push_back(rows[i].raw_bytes);
    }
    if (indices.empty()) continue;
    const std::vector<uint64_t> shares = apportion(blob.streams[stream].size(), raw);
    for (size_t k = 0; k < indices.size(); ++k) {
      rows[indices[k]].bytes = shares[k];
      rows[indices[k]].apportioned = indices.size() > 1;
    }
  }
}

}  // namespace

Artifact decode_grouped(ByteView bytes, const std::string& what, int threads) {
  GroupedBlob blob = read_grouped_blob(bytes, what);
  std::vector<Tensor> matrices = decode_matrices(blob, what, threads);
  Artifact artifact{.info = info_of(kLayout)};
  artifact.model = read_checked(join(blob, std::move(matrices)), what);
  return artifact;
}

Bytes encode_grouped(const Artifact& artifact, int threads) {
  return encode_grouped_blob(write_gptq(artifact.model), threads);
}

ArtifactSummary summarize_grouped(ByteView bytes, const std::string& what) {
  GroupedBlob blob;
  try {
    blob = read_grouped_blob(bytes, what);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kUnsupported) throw;
    return summarize_streams(bytes, what);
  }
  std::map<std::string, size_t> stream_of_key;
  std::vector<Tensor> shapes;  // as the matrices, but without bytes
  for (const GroupMatrix& matrix : blob.matrices) {
    stream_of_key.emplace(matrix.key, matrix.stream);
    shapes.push_back({DType::kI8, matrix.shape, {}});
  }
  const TorchValue root = join(blob, std::move(shapes));
  ArtifactSummary summary{.info = info_of(kLayout)};
  summary.info.provenance = {{"groups", "int8 matrices under lrzip, one stream a group (PGRP)"}};
  try {
    summary.tensors = read_checked(root, what).tensors;
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kUnsupported) throw;
    summary.info.ptz_layout = kUnknownPtzLayout;
    summary.tensors = list_tensors(*root.find("w")).tensors;
  }

  std::vector<SizeRow>& rows = summary.sizes.rows;
  std::vector<size_t> stream_of_row;
  const auto add = [&](SizeRow row, size_t stream) {
    rows.push_back(std::move(row));
    stream_of_row.push_back(stream);
  };
  uint64_t torch_file_bytes = 0;  // of tensors in the torch file
  for (StoredTensor& stored : summary.tensors) {
    const bool integers = stored.encoding != Encoding::kPassthrough;
    const auto found = stream_of_key.find(integers ? stored.name + ".q" : stored.name);
    const bool grouped = found != stream_of_key.end();
    const auto value_bytes =
        dtype_size(stored.values.dtype) * static_cast<uint64_t>(stored.values.elements());
    add(tensor_row(stored, false, 0, value_bytes, false), grouped ? found->second : kRestStream);
    const uint64_t other_bytes = stored.payload_bytes() - stored.values.bytes.size();
    if (integers) add(tensor_row(stored, true, 0, other_bytes, false), kRestStream);
    torch_file_bytes += (grouped ? 0 : value_bytes) + (integers ? other_bytes : 0);
    stored.values.bytes = {};
    stored.scales.bytes = {};
  }
  const uint64_t zip_bytes = blob.rest_bytes - std::min(torch_file_bytes, blob.rest_bytes);
  add(overhead_row(BytePart::kMetadata, 0, zip_bytes, false), kRestStream);
  const ByteView orders = blob.streams[kOrdersStream];
  add(overhead_row(BytePart::kMetadata, 0, orders.size(), false), kOrdersStream);
  apportion_streams(blob, stream_of_row, rows);
  const uint64_t header = header_bytes(bytes, blob.streams);
  rows.push_back(overhead_row(BytePart::kContainer, header, header, false));
  summary.sizes.file_bytes = bytes.size();
  return summary;
}

}  // namespace golf
