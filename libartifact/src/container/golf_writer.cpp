#include <fmt/format.h>

#include "container/golf_container.h"
#include "container/golf_header.h"
#include "container/golf_streams.h"
#include "golf/artifact/base/checksum.h"
#include "golf/artifact/base/error.h"
#include "golf/artifact/base/limits.h"
#include "golf/artifact/base/parallel_for.h"
#include "golf/artifact/base/progress.h"

namespace golf {
namespace {

/// Names and shapes are text with many repetitions, which brotli's built-in dictionary serves best.
constexpr CodecSpec kMetadataCodec{.id = CodecId::kBrotli, .level = 11, .extreme = false};
/// Of what Python's standard library has, the one with the smallest header.
constexpr CodecSpec kPythonCodec{.id = CodecId::kZlib, .level = 9, .extreme = false};

Section metadata_section(SectionId id, const CodecSpec& codec, ByteView raw, Bytes& encoded) {
  encoded = encode(codec, raw);
  return {.id = id,
          .codec = codec.id,
          .raw_bytes = static_cast<uint32_t>(raw.size()),
          .stored_crc64 = crc64(encoded),
          .raw_crc64 = crc64(raw),
          .stored = encoded};
}

void check_size(const StoredModel& model, size_t sections) {
  if (model.payload_bytes() > limits::kDecompressedBytes || model.tensors.size() > limits::kTensors ||
      sections > kGolfMaxSections) {
    fail(ErrorCode::kUnsupported,
         fmt::format("{} tensors of {} bytes in {} sections: a .golf file holds at most {}, {} and {}",
                     model.tensors.size(), model.payload_bytes(), sections, limits::kTensors,
                     limits::kDecompressedBytes, kGolfMaxSections));
  }
}

/// Codec golf leaves streams that nearly vanish to brotli.
void check_python_readable(const std::vector<EncodedStream>& streams, const CodecSpec& codec) {
  for (const EncodedStream& stream : streams) {
    if (stream.codec == codec.id) continue;
    fail(ErrorCode::kUnsupported,
         fmt::format(
             "{} bytes of weights are so much alike that they are stored by {}, which a Python decoder "
             "does not read: drop them, or do without the decoder",
             stream.raw_bytes, codec_row(stream.codec).name));
  }
}

}  // namespace

Bytes encode_golf(const Artifact& artifact, int threads, const ProgressSink& progress) {
  const StoredModel& model = artifact.model;
  const std::vector<TableEntry> table = plan_streams(model, artifact.info.codec);
  const auto parts = parts_by_stream(table, stream_count(table));
  check_size(model, parts.size() + 2);

  std::vector<EncodedStream> streams(parts.size());
  ProgressCounter counter(progress, "compress", model.payload_bytes(), "bytes");
  parallel_for(streams.size(), threads, [&](size_t i) {
    streams[i] = encode_stream(model, parts[i], artifact.info.codec);
    counter.add(streams[i].raw_bytes);
  });
  if (artifact.info.python_readable) check_python_readable(streams, artifact.info.codec);

  Bytes encoded_info;
  Bytes encoded_table;
  ArtifactInfo described = artifact.info;
  described.provenance.try_emplace("codec_library", codec_row(described.codec.id).library_version());
  const Bytes info = encode_golf_info(described);
  const Bytes tensor_table = encode_tensor_table(table);
  // What is written must be readable again: this reads names and shapes as a stranger's.
  decode_tensor_table(tensor_table, streams.size(), "tensor table");
  const CodecSpec& table_codec = artifact.info.python_readable ? kPythonCodec : kMetadataCodec;
  std::vector<Section> sections = {
      metadata_section(SectionId::kInfo, kMetadataCodec, info, encoded_info),
      metadata_section(SectionId::kTensorTable, table_codec, tensor_table, encoded_table)};
  for (const EncodedStream& stream : streams) {
    sections.push_back({.id = SectionId::kStream,
                        .codec = stream.codec,
                        .order = stream.order,
                        .raw_bytes = static_cast<uint32_t>(stream.raw_bytes),
                        .stored_crc64 = crc64(stream.bytes),
                        .raw_crc64 = stream.raw_crc64,
                        .stored = stream.bytes});
  }
  return write_golf_sections(sections);
}

}  // namespace golf
