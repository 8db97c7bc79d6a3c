#include "container/ptz_groups.h"

#include <fmt/format.h>

#include <array>

#include "container/size_rows.h"
#include "golf/artifact/base/error.h"
#include "golf/artifact/base/external_program.h"
#include "golf/artifact/base/limits.h"

namespace golf {
namespace {

constexpr std::string_view kMagic = "PGRP";
constexpr std::string_view kLrzipMagic = "LRZI";
constexpr uint32_t kMaxStreams = 64;

/// What PR 1855's nine streams hold, with the group that golf-inspect counts them to.
struct StreamLabel {
  std::string_view name, group;
};
constexpr std::array<StreamLabel, 9> kLabels = {{{"token matrix", "embeddings"},
                                                 {"attention K", "attention"},
                                                 {"attention Q", "attention"},
                                                 {"attention V", "attention"},
                                                 {"attention O", "attention"},
                                                 {"MLP up", "mlp"},
                                                 {"MLP down", "mlp"},
                                                 {"everything else", "other"},
                                                 {"row orders", "other"}}};

std::vector<ByteView> read_streams(ByteView bytes, const std::string& what) {
  ByteReader reader(bytes, what);
  reader.take(kMagic.size());
  const auto count = reader.read<uint32_t>();
  if (count == 0 || count > kMaxStreams) {
    reader.fail_here(fmt::format("{} streams, 1 to {} expected", count, kMaxStreams));
  }
  std::vector<uint32_t> lengths;
  for (uint32_t i = 0; i < count; ++i) lengths.push_back(reader.read<uint32_t>());
  std::vector<ByteView> streams;
  for (const uint32_t length : lengths) streams.push_back(reader.take(length));
  reader.expect_end();
  return streams;
}

/// The size that an lrzip stream declares: a u64 after magic and two version bytes, 0 when not known.
uint64_t declared_bytes(ByteView lrzip_stream, const std::string& what) {
  constexpr size_t kVersionBytes = 2;
  ByteReader reader(lrzip_stream, what);
  reader.take(kLrzipMagic.size() + kVersionBytes);
  return reader.read<uint64_t>();
}

uint64_t decoded_bytes(ByteView stream, uint64_t max_bytes, const std::string& what) {
  if (as_text(stream).starts_with(kLrzipMagic)) {
    if (const uint64_t declared = declared_bytes(stream, what); declared > max_bytes) {
      fail(ErrorCode::kCorruptData,
           fmt::format("{}: {} decoded bytes declared, at most {} allowed", what, declared, max_bytes));
    }
    // Without its configuration files, of which it reads one in the current folder.
    return run_filter({"lrzip", "-d", "-q"}, stream, max_bytes, what, {"LRZIP=NOCONFIG"}).size();
  }
  return decode(CodecId::kBrotli, stream, max_bytes, what).size();
}

}  // namespace

bool is_grouped(ByteView bytes) { return as_text(bytes).starts_with(kMagic); }

ArtifactSummary summarize_grouped(ByteView bytes, const std::string& what) {
  const std::vector<ByteView> streams = read_streams(bytes, what);
  ArtifactSummary summary;
  summary.info.format = ArtifactFormat::kPtz;
  summary.info.codec = {.id = CodecId::kBrotli, .level = CodecSpec::kUnknownLevel};
  summary.info.ptz_layout = kUnknownPtzLayout;
  summary.sizes.file_bytes = bytes.size();
  const uint64_t header_bytes = kMagic.size() + sizeof(uint32_t) * (1 + streams.size());
  summary.sizes.rows.push_back(overhead_row(BytePart::kContainer, header_bytes, header_bytes, false));
  uint64_t total = 0;
  for (size_t i = 0; i < streams.size(); ++i) {
    const StreamLabel label =
        streams.size() == kLabels.size() ? kLabels.at(i) : StreamLabel{"group", "other"};
    const bool lrzip = as_text(streams[i]).starts_with(kLrzipMagic);
    const uint64_t raw = decoded_bytes(streams[i], limits::kDecompressedBytes - total,
                                       fmt::format("{}: stream {} ({})", what, i, label.name));
    total += raw;
    summary.sizes.rows.push_back({.tensor = fmt::format("stream {}: {}", i, label.name),
                                  .group = std::string(label.group),
                                  .layer = -1,
                                  .scheme = lrzip ? "int8" : "",
                                  .part = lrzip ? BytePart::kPayload : BytePart::kMetadata,
                                  .bytes = streams[i].size(),
                                  .raw_bytes = raw,
                                  .elements = lrzip ? static_cast<int64_t>(raw) : 0,
                                  .apportioned = false});
  }
  return summary;
}

}  // namespace golf
