#include <fmt/format.h>

#include <numeric>

#include "container/golf_container.h"
#include "container/golf_header.h"
#include "container/golf_tensor_table.h"
#include "container/size_rows.h"
#include "golf/artifact/base/error.h"
#include "golf/artifact/base/limits.h"
#include "golf/artifact/base/parallel_for.h"

namespace golf {
namespace {

constexpr size_t kMetadataSections = 2;

/// Header, info and tensor table of a file, with what each stream holds.
struct GolfLayout {
  std::vector<Section> sections;
  ArtifactInfo info;
  std::vector<TableEntry> table;
  std::vector<std::vector<StreamPart>> parts;

  size_t stream_count() const { return parts.size(); }
  const Section& stream(size_t index) const { return sections[kMetadataSections + index]; }
};

Bytes decode_metadata(const GolfLayout& layout, size_t index, const std::string& what) {
  const std::string place = section_place(what, layout.sections, index);
  if (layout.sections[index].raw_bytes > limits::kJsonBytes) {
    fail(ErrorCode::kCorruptData, fmt::format("{}: {} bytes, at most {} allowed", place,
                                              layout.sections[index].raw_bytes, limits::kJsonBytes));
  }
  return decode_section(layout.sections[index], {}, place);
}

void check_streams(const GolfLayout& layout, const std::string& what) {
  for (size_t i = 0; i < layout.stream_count(); ++i) {
    const std::string place = section_place(what, layout.sections, kMetadataSections + i);
    const std::vector<StreamTensor> tensors = stream_tensors(layout.parts[i]);
    if (tensors.empty()) fail(ErrorCode::kCorruptData, place + ": no tensor uses it");
    const uint64_t expected =
        std::accumulate(tensors.begin(), tensors.end(), uint64_t{0},
                        [](uint64_t sum, const StreamTensor& tensor) { return sum + tensor.bytes(); });
    if (expected != layout.stream(i).raw_bytes) {
      fail(ErrorCode::kCorruptData, fmt::format("{}: {} decoded bytes declared, its tensors need {}", place,
                                                layout.stream(i).raw_bytes, expected));
    }
    if (!order_applies(layout.stream(i).order, tensors)) {
      fail(ErrorCode::kCorruptData, place + ": its plane order does not fit its tensors");
    }
  }
}

GolfLayout read_layout(ByteView bytes, const std::string& what) {
  GolfLayout layout;
  layout.sections = read_golf_sections(bytes, what);
  const std::string info_place = section_place(what, layout.sections, 0);
  try {
    layout.info = decode_golf_info(decode_metadata(layout, 0, what), info_place);
  } catch (const Error& error) {
    fail_within(info_place, error);
  }
  layout.info.python_readable = layout.sections[1].codec == CodecId::kZlib;
  const size_t streams = layout.sections.size() - kMetadataSections;
  layout.table =
      decode_tensor_table(decode_metadata(layout, 1, what), streams, section_place(what, layout.sections, 1));
  layout.parts = parts_by_stream(layout.table, streams);
  check_streams(layout, what);
  return layout;
}

}  // namespace

Artifact decode_golf(ByteView bytes, const std::string& what, int threads) {
  GolfLayout layout = read_layout(bytes, what);
  Artifact artifact{.info = std::move(layout.info)};
  for (TableEntry& entry : layout.table) artifact.model.tensors.push_back(std::move(entry.tensor));

  parallel_for(layout.stream_count(), threads, [&](size_t i) {
    const std::string place = section_place(what, layout.sections, kMetadataSections + i);
    const Bytes raw = decode_section(layout.stream(i), stream_tensors(layout.parts[i]), place);
    ByteReader reader(raw, place);
    for (const StreamPart& part : layout.parts[i]) {
      StoredTensor& tensor = artifact.model.tensors[part.tensor];
      const ByteView view = reader.take(part.form.bytes());
      (part.scales ? tensor.scales : tensor.values).bytes.assign(view.begin(), view.end());
    }
  });
  return artifact;
}

ArtifactSummary summarize_golf(ByteView bytes, const std::string& what) {
  GolfLayout layout = read_layout(bytes, what);
  ArtifactSummary summary{.info = std::move(layout.info)};
  summary.sizes.file_bytes = bytes.size();
  const uint64_t header_bytes = golf_header_bytes(layout.sections.size());
  summary.sizes.rows.push_back(overhead_row(BytePart::kContainer, header_bytes, header_bytes, false));
  for (size_t i = 0; i < kMetadataSections; ++i) {
    summary.sizes.rows.push_back(overhead_row(BytePart::kMetadata, layout.sections[i].stored.size(),
                                              layout.sections[i].raw_bytes, false));
  }
  for (size_t i = 0; i < layout.stream_count(); ++i) {
    const std::string place = section_place(what, layout.sections, kMetadataSections + i);
    add_stream_rows(summary.sizes, layout.stream(i).codec, layout.stream(i).stored, layout.table,
                    layout.parts[i], place);
  }
  for (TableEntry& entry : layout.table) summary.tensors.push_back(std::move(entry.tensor));
  return summary;
}

}  // namespace golf
