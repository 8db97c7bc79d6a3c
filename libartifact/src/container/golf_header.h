#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "encode/plane_order.h"
#include "golf/artifact/base/bytes.h"
#include "golf/artifact/container/artifact.h"
#include "golf/artifact/encode/codec.h"

namespace golf {

inline constexpr uint16_t kGolfVersion = 1;
inline constexpr uint64_t kGolfFixedHeaderBytes = 12;
inline constexpr uint64_t kGolfSectionEntryBytes = 28;
inline constexpr uint64_t kGolfMaxSections = 4096;

/// What a section holds. Ids are never reused; a reader refuses those it does not know (docs/FORMAT.md).
enum class SectionId : uint16_t {
  kInfo = 1,         ///< JSON: model, codec, recipe, provenance
  kTensorTable = 2,  ///< names, shapes, dtypes, and the stream of each tensor
  kPaidPrefix = 3,   ///< reserved
  kStream = 16,      ///< values or scales of some tensors; may occur many times
};

/// One row of the section table, with the bytes it describes.
struct Section {
  SectionId id = SectionId::kInfo;
  CodecId codec = CodecId::kStore;
  PlaneOrder order = PlaneOrder::kAsIs;
  uint32_t raw_bytes = 0;     ///< after decoding
  uint64_t stored_crc64 = 0;  ///< of the bytes in the file
  uint64_t raw_crc64 = 0;     ///< of the decoded bytes, planes in their natural order
  ByteView stored = {};       ///< borrowed from the file
};

uint64_t golf_header_bytes(uint64_t section_count);

/// Header and section table, then the sections' bytes.
Bytes write_golf_sections(const std::vector<Section>& sections);

/// Checks magic, version, header checksum, ids and sizes; sections must cover the file exactly. Does not look
/// inside the sections, which borrow from `bytes`.
/// @throws Error kCorruptData, kUnsupported (a newer version, an unknown section or codec)
std::vector<Section> read_golf_sections(ByteView bytes, const std::string& what);

/// The section's bytes again: checksum, codec, size, planes, checksum. `index` is its place in the table.
/// @throws Error kCorruptData
Bytes decode_section(const Section& section, std::span<const StreamTensor> members, const std::string& what);

/// "what: section 3 (stream)" for messages.
std::string section_place(const std::string& what, const std::vector<Section>& sections, size_t index);

/// Bytes of section kInfo: one JSON object (docs/FORMAT.md).
Bytes encode_golf_info(const ArtifactInfo& info);
/// @throws Error kCorruptData, kInvalidArgument for a model section that this version does not know
ArtifactInfo decode_golf_info(ByteView bytes, const std::string& what);

}  // namespace golf
