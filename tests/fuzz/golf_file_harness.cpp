// Whole .golf files. Mutation works on a section's content and puts sizes and checksums right afterwards, so
// that a finding is a file that every tool reads as it lies there.
#include <array>
#include <numeric>
#include <optional>
#include <random>

#include "container/golf_header.h"
#include "container/golf_tensor_table.h"
#include "encode/golf/golf_codec.h"
#include "fuzz/harness.h"
#include "fuzz/seed_models.h"
#include "golf/artifact/base/checksum.h"
#include "golf/artifact/base/limits.h"
#include "golf/artifact/container/file_kind.h"

namespace golf::fuzz {
namespace {

constexpr size_t kInfo = 0;
constexpr size_t kTable = 1;
constexpr size_t kFirstStream = 2;
constexpr uint64_t kMostSealedBytes = uint64_t{1} << 22;

void run(ByteView input) {
  if (!as_text(input).starts_with(kGolfMagic)) return;
  const bool summarized = accepts([&] { summarize_artifact(input, "fuzz"); });
  Artifact artifact;
  const bool decoded = accepts([&] { artifact = decode_artifact(input, "fuzz", 1); });
  accepts([&] { load_model(input, "fuzz", std::nullopt, 1); });
  if (!decoded) return;
  expect(summarized, "what decodes can be summed up");
  artifact.info.codec = parse_codec("store");
  const Bytes again = encode_artifact(artifact, 1);
  const Artifact second = decode_artifact(again, "fuzz", 1);
  expect(second.model.tensors.size() == artifact.model.tensors.size(), "no tensor is lost");
  for (size_t i = 0; i < second.model.tensors.size(); ++i) {
    const StoredTensor& a = artifact.model.tensors[i];
    const StoredTensor& b = second.model.tensors[i];
    expect(a.name == b.name && a.values == b.values && a.scales == b.scales && a.grid == b.grid,
           "decoded tensors survive another round trip");
  }
}

/// Fills in what the file says of a metadata section's decoded bytes; they are returned where it decodes.
std::optional<Bytes> seal_metadata(Section& section) {
  Bytes raw;
  const bool decodes = accepts([&] {
    if (section.codec == CodecId::kGolf) fail(ErrorCode::kCorruptData, "not for metadata");
    raw = decode(section.codec, section.stored, limits::kJsonBytes, "fuzz");
  });
  if (!decodes) return std::nullopt;
  section.raw_bytes = static_cast<uint32_t>(raw.size());
  section.raw_crc64 = crc64(raw);
  return raw;
}

/// The same for a stream. A wrong checksum of decoded bytes stays where they do not decode.
void seal_stream(Section& section, const std::vector<StreamPart>& parts) {
  const std::vector<StreamTensor> members = stream_tensors(parts);
  const uint64_t raw_bytes =
      std::accumulate(members.begin(), members.end(), uint64_t{0},
                      [](uint64_t sum, const StreamTensor& member) { return sum + member.bytes(); });
  if (raw_bytes > kMostSealedBytes || !order_applies(section.order, members)) return;
  section.raw_bytes = static_cast<uint32_t>(raw_bytes);
  accepts([&] {
    const ByteView stored = section.stored;
    Bytes raw = section.codec == CodecId::kGolf ? decode_golf_stream(members, stored, "fuzz")
                                                : decode(section.codec, stored, raw_bytes, "fuzz");
    if (raw.size() != raw_bytes) return;
    section.raw_crc64 = crc64(undo_order(section.order, members, std::move(raw)));
  });
}

Bytes sealed(std::vector<Section>& sections) {
  for (Section& section : sections) section.stored_crc64 = crc64(section.stored);
  seal_metadata(sections[kInfo]);
  if (const auto table = seal_metadata(sections[kTable])) {
    const size_t streams = sections.size() - kFirstStream;
    accepts([&] {
      const auto parts = parts_by_stream(decode_tensor_table(*table, streams, "fuzz"), streams);
      for (size_t i = 0; i < streams; ++i) seal_stream(sections[kFirstStream + i], parts[i]);
    });
  }
  return write_golf_sections(sections);
}

Bytes mutate(ByteView input, const ByteMutator& bytes, uint32_t seed) {
  std::minstd_rand random(seed);
  const auto one_in = [&](uint32_t n) { return random() / 7 % n == 0; };
  std::vector<Section> sections;
  const bool reads = accepts([&] { sections = read_golf_sections(input, "fuzz"); });
  if (!reads || one_in(16)) {
    Bytes changed(input.begin(), input.end());
    bytes(changed);
    return changed;
  }
  Section& section = sections[one_in(3) ? kTable : random() / 7 % sections.size()];
  Bytes content(section.stored.begin(), section.stored.end());
  if (one_in(8)) {
    section.codec = static_cast<CodecId>(random() / 7 % codec_table().size());
    section.order = static_cast<PlaneOrder>(random() / 7 % kPlaneOrderCount);
  } else {
    bytes(content);
    section.stored = content;
  }
  Bytes changed = sealed(sections);
  if (!one_in(16)) return changed;
  // A size that does not agree, under a right checksum of the header.
  section.raw_bytes ^= uint32_t{1} << (random() / 7 % 32);
  return write_golf_sections(sections);
}

/// With metadata as it is, not compressed: so a mutation finds names and shapes.
Bytes with_plain_metadata(const Bytes& file) {
  std::vector<Section> sections = read_golf_sections(file, "seed");
  std::array<Bytes, kFirstStream> plain;
  for (size_t i = 0; i < kFirstStream; ++i) {
    plain[i] = decode_section(sections[i], {}, "seed");
    sections[i].codec = CodecId::kStore;
    sections[i].stored = plain[i];
    sections[i].stored_crc64 = sections[i].raw_crc64;
  }
  return write_golf_sections(sections);
}

std::vector<Bytes> seeds() {
  std::vector<Bytes> all;
  Artifact artifact = seed_artifact(
      "mixed-int6",
      {{"attn.c_q", "ecsq"}, {"mlp.fc", "tcq"}, {"c_k", "int4"}, {"c_v", "tcq64"}, {"attn.proj", "tcq256"}});
  for (StoredTensor& tensor : artifact.model.tensors) {
    if (!is_trellis(tensor.encoding)) continue;
    tensor.grid.row_offsets = tensor.grid.column_offsets = true;
    tensor.scales = make_tensor(DType::kI8, {tensor.values.shape[0] + tensor.values.shape[1]});
  }
  for (const char* codec :
       {"golf:1", "golf:5", "golf:9", "store", "zstd:3", "zlib:6", "lzma:6", "brotli:5"}) {
    artifact.info.codec = parse_codec(codec);
    all.push_back(with_plain_metadata(encode_artifact(artifact, 1)));
  }
  all.push_back(encode_artifact(artifact, 1));
  return all;
}

}  // namespace

const Harness kGolfFile = {.name = "golf_file", .run = run, .seeds = seeds, .mutate = mutate};

}  // namespace golf::fuzz
