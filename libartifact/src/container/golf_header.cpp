#include "container/golf_header.h"

#include <fmt/format.h>

#include <algorithm>

#include "encode/golf/golf_codec.h"
#include "golf/artifact/base/bytes.h"
#include "golf/artifact/base/checksum.h"
#include "golf/artifact/base/error.h"
#include "golf/artifact/base/json.h"
#include "golf/artifact/base/limits.h"
#include "golf/artifact/container/file_kind.h"
#include "golf/artifact/formats/checkpoint.h"
#include "golf/artifact/spec/parameter_banks.h"

namespace golf {

namespace {

[[noreturn]] void fail_header(const std::string& what, const std::string& problem) {
  fail(ErrorCode::kCorruptData, fmt::format("{}: {}", what, problem));
}

std::string_view section_name(SectionId id) {
  switch (id) {
    case SectionId::kInfo:
      return "info";
    case SectionId::kTensorTable:
      return "tensor table";
    case SectionId::kPaidPrefix:
      return "paid prefix";
    case SectionId::kStream:
      return "stream";
  }
  return "unknown";
}

void check_entry(const Section& section, const std::string& place) {
  const bool is_known = section.id == SectionId::kInfo || section.id == SectionId::kTensorTable ||
                        section.id == SectionId::kStream;
  if (!is_known) {
    fail(ErrorCode::kUnsupported, fmt::format("{}: id {} is not known to this version: use a newer one",
                                              place, static_cast<int>(section.id)));
  }
  try {
    codec_row(section.codec);
  } catch (const Error& error) {
    fail_within(place, error);
  }
  if (static_cast<int>(section.order) >= kPlaneOrderCount) {
    fail(ErrorCode::kUnsupported,
         fmt::format("{}: plane order {} is not known to this version: use a newer one", place,
                     static_cast<int>(section.order)));
  }
  if (section.id != SectionId::kStream && section.order != PlaneOrder::kAsIs) {
    fail_header(place, "only streams have a plane order");
  }
  if (section.codec == CodecId::kGolf &&
      (section.id != SectionId::kStream || section.order != PlaneOrder::kAsIs)) {
    fail_header(place, "codec golf is for streams without a plane order");
  }
}

/// Info, tensor table, streams: each exactly once but the last.
void check_sequence(const std::vector<Section>& sections, const std::string& what) {
  const bool well_formed = sections.size() >= 2 && sections[0].id == SectionId::kInfo &&
                           sections[1].id == SectionId::kTensorTable &&
                           std::all_of(sections.begin() + 2, sections.end(), [](const Section& section) {
                             return section.id == SectionId::kStream;
                           });
  if (!well_formed) fail_header(what, "the sections are not info, tensor table, streams in this order");
}

}  // namespace

uint64_t golf_header_bytes(uint64_t section_count) {
  return kGolfFixedHeaderBytes + section_count * kGolfSectionEntryBytes + sizeof(uint64_t);
}

std::string section_place(const std::string& what, const std::vector<Section>& sections, size_t index) {
  return fmt::format("{}: section {} ({})", what, index, section_name(sections[index].id));
}

Bytes write_golf_sections(const std::vector<Section>& sections) {
  ByteWriter writer;
  writer.write_text(kGolfMagic);
  writer.write(kGolfVersion);
  writer.write(static_cast<uint16_t>(sections.size()));
  for (const Section& section : sections) {
    writer.write(static_cast<uint16_t>(section.id));
    writer.write(static_cast<uint8_t>(section.codec));
    writer.write(static_cast<uint8_t>(section.order));
    writer.write(static_cast<uint32_t>(section.stored.size()));
    writer.write(section.raw_bytes);
    writer.write(section.stored_crc64);
    writer.write(section.raw_crc64);
  }
  writer.write(crc64(writer.bytes()));
  for (const Section& section : sections) writer.write_bytes(section.stored);
  return writer.take();
}

std::vector<Section> read_golf_sections(ByteView bytes, const std::string& what) {
  ByteReader reader(bytes, what);
  if (as_text(reader.take(std::min<uint64_t>(kGolfMagic.size(), bytes.size()))) != kGolfMagic) {
    fail_header(what, "not a .golf file: wrong magic number");
  }
  const auto version = reader.read<uint16_t>();
  if (version != kGolfVersion) {
    fail(ErrorCode::kUnsupported,
         fmt::format("{}: .golf version {}, this build reads version {}: use a newer one", what, version,
                     kGolfVersion));
  }
  const auto count = reader.read<uint16_t>();
  if (count > kGolfMaxSections) {
    fail_header(what, fmt::format("{} sections, at most {} allowed", count, kGolfMaxSections));
  }
  // The checksum comes before anything it covers is believed.
  const ByteView table = reader.take(count * kGolfSectionEntryBytes);
  const ByteView covered = bytes.first(reader.position());
  const auto expected_crc = reader.read<uint64_t>();
  if (crc64(covered) != expected_crc) {
    fail_header(what, fmt::format("header: checksum {:016x} ≠ {:016x}", crc64(covered), expected_crc));
  }

  std::vector<Section> sections(count);
  ByteReader entries(table, what + ": section table");
  uint64_t total_raw = 0;
  for (size_t i = 0; i < sections.size(); ++i) {
    Section& section = sections[i];
    section.id = static_cast<SectionId>(entries.read<uint16_t>());
    section.codec = static_cast<CodecId>(entries.read<uint8_t>());
    section.order = static_cast<PlaneOrder>(entries.read<uint8_t>());
    const auto stored_bytes = entries.read<uint32_t>();
    section.raw_bytes = entries.read<uint32_t>();
    section.stored_crc64 = entries.read<uint64_t>();
    section.raw_crc64 = entries.read<uint64_t>();
    const std::string place = section_place(what, sections, i);
    check_entry(section, place);
    total_raw = add_or_fail(total_raw, section.raw_bytes, place);
    if (total_raw > limits::kDecompressedBytes) {
      fail_header(place, fmt::format("decodes to more than {} bytes", limits::kDecompressedBytes));
    }
    if (stored_bytes > reader.remaining()) {
      fail_header(place,
                  fmt::format("truncated, {} bytes expected and {} left", stored_bytes, reader.remaining()));
    }
    section.stored = reader.take(stored_bytes);
  }
  reader.expect_end();
  check_sequence(sections, what);
  return sections;
}

Bytes decode_section(const Section& section, std::span<const StreamTensor> members, const std::string& what) {
  if (const uint64_t found = crc64(section.stored); found != section.stored_crc64) {
    fail_header(what, fmt::format("checksum {:016x} ≠ {:016x}", found, section.stored_crc64));
  }
  Bytes raw = section.codec == CodecId::kGolf
                  ? decode_golf_stream(members, section.stored, what)
                  : decode(section.codec, section.stored, section.raw_bytes, what);
  if (raw.size() != section.raw_bytes) {
    fail_header(what, fmt::format("decodes to {} bytes, {} expected", raw.size(), section.raw_bytes));
  }
  raw = undo_order(section.order, members, std::move(raw));
  if (const uint64_t found = crc64(raw); found != section.raw_crc64) {
    fail_header(what,
                fmt::format("checksum of the decoded bytes {:016x} ≠ {:016x}", found, section.raw_crc64));
  }
  return raw;
}

Bytes encode_golf_info(const ArtifactInfo& info) {
  Json json = Json::object();
  json["codec"] = to_string(info.codec);
  if (!info.recipe.empty()) json["recipe"] = info.recipe;
  if (info.spec) json["model_spec"] = to_json(*info.spec);
  if (!info.banks.empty()) {
    json["banks"] = Json::array();
    for (const std::string& bank : info.banks) json["banks"].push_back(bank);
  }
  Json provenance = Json::object();
  for (const auto& [key, value] : info.provenance) provenance[key] = value;
  json["provenance"] = provenance;
  const std::string text = json.dump();
  const ByteView bytes = as_bytes(text);
  return Bytes(bytes.begin(), bytes.end());
}

ArtifactInfo decode_golf_info(ByteView bytes, const std::string& what) {
  const Json json = parse_json(as_text(bytes), what);
  ArtifactInfo info;
  info.format = ArtifactFormat::kGolf;
  info.codec = parse_codec(json.at("codec").as_string());
  if (const Json* recipe = json.find("recipe")) info.recipe = recipe->as_string();
  if (const Json* spec = json.find("model_spec")) info.spec = model_spec_from_json(*spec, what);
  if (const Json* banks = json.find("banks")) {
    for (const Json& bank : banks->as_array()) {
      bank_matrices(bank.as_string());  // refuses unknown ones
      info.banks.push_back(bank.as_string());
    }
  }
  for (const auto& [key, value] : json.at("provenance").as_object()) info.provenance[key] = value.as_string();
  return info;
}

}  // namespace golf
