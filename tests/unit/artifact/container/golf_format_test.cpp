// The bytes that docs/FORMAT.md promises, spelt out.
#include <gtest/gtest.h>

#include <sstream>

#include "container/golf_tensor_table.h"
#include "golf/artifact/base/checksum.h"
#include "golf/artifact/base/file.h"
#include "golf/artifact/container/artifact.h"
#include "golf/artifact/quantize/stored_model.h"
#include "support/error_matchers.h"
#include "support/reference_data.h"

namespace golf {
namespace {

/// Two tensors, stored without compression, so that every byte of the streams is known.
Artifact two_tensors() {
  Artifact artifact;
  artifact.info.codec = parse_codec("store");
  artifact.info.provenance = {{"codec_library", "store"}};
  StoredTensor matrix{
      .name = "a.w", .encoding = Encoding::kIntPerRow, .bits = 6, .original_dtype = DType::kBF16};
  matrix.values = make_tensor<int8_t>(DType::kI8, {2, 3}, std::vector<int8_t>{1, 2, 3, -4, -5, -6});
  matrix.scales = make_tensor<uint16_t>(DType::kF16, {2}, std::vector<uint16_t>{0x3c00, 0x4000});
  StoredTensor vector{.name = "a.b"};
  vector.values = make_tensor<float>(DType::kF32, {1}, std::vector<float>{1.0F});
  artifact.model.tensors = {matrix, vector};
  return artifact;
}

TEST(GolfFormat, Crc64IsThatOfXz) {
  EXPECT_EQ(crc64(as_bytes("123456789")), 0x995dc9bbdf1939faULL);
  EXPECT_EQ(crc64(as_bytes("6789"), crc64(as_bytes("12345"))), crc64(as_bytes("123456789")));
}

TEST(GolfFormat, LaysOutHeaderTableAndStreamsAsSpecified) {
  const Bytes bytes = encode_artifact(two_tensors());
  ByteReader reader(bytes, "t");
  EXPECT_EQ(as_text(reader.take(8)), std::string_view("\x89GOLF\r\n\x1a", 8));
  EXPECT_EQ(reader.read<uint16_t>(), 1) << "version";
  ASSERT_EQ(reader.read<uint16_t>(), 5) << "sections";
  struct Entry {
    uint16_t id;
    uint8_t codec, order;
    uint32_t stored_bytes, raw_bytes;
    uint64_t stored_crc, raw_crc;
  };
  std::vector<Entry> entries;
  for (int i = 0; i < 5; ++i) {
    Entry entry{};
    entry.id = reader.read<uint16_t>();
    entry.codec = reader.read<uint8_t>();
    entry.order = reader.read<uint8_t>();
    entry.stored_bytes = reader.read<uint32_t>();
    entry.raw_bytes = reader.read<uint32_t>();
    entry.stored_crc = reader.read<uint64_t>();
    entry.raw_crc = reader.read<uint64_t>();
    entries.push_back(entry);
  }
  EXPECT_EQ(reader.position(), 12U + 5 * 28);
  const uint64_t covered = reader.position();
  EXPECT_EQ(reader.read<uint64_t>(), crc64(ByteView(bytes).first(covered)));

  std::vector<Bytes> raw;
  for (const Entry& entry : entries) {
    const ByteView stored = reader.take(entry.stored_bytes);
    EXPECT_EQ(entry.stored_crc, crc64(stored));
    raw.push_back(decode(static_cast<CodecId>(entry.codec), stored, entry.raw_bytes, "t"));
    EXPECT_EQ(entry.raw_bytes, raw.back().size());
    EXPECT_EQ(entry.raw_crc, crc64(raw.back()));
    EXPECT_EQ(entry.order, 0);
  }
  reader.expect_end();

  EXPECT_EQ(entries[0].id, 1);
  EXPECT_EQ(as_text(raw[0]), R"({"codec":"store","provenance":{"codec_library":"store"}})");
  EXPECT_EQ(entries[1].id, 2);
  constexpr char kTable[] =
      "\x02"  // tensors
      "\x00\x03"
      "a.w"  // shares 0 bytes of the name before, 3 more
      "\x01\x0a\x02"
      "\x02\x02\x03"  // per row, was bf16, holds int8; rank 2: 2 × 3
      "\x00"          // values in stream 0
      "\x06\x09"
      "\x01"  // 6 bits, f16 scales in stream 1
      "\x02\x01"
      "b"  // shares "a.", then "b"
      "\x00\x0b\x0b"
      "\x01\x01"  // kept, was f32, holds f32; rank 1: 1
      "\x02";     // values in stream 2
  EXPECT_EQ(as_text(raw[1]), std::string_view(kTable, sizeof(kTable) - 1));
  EXPECT_EQ(entries[2].id, 16);
  EXPECT_EQ(as_text(raw[2]), "\x01\x02\x03\xfc\xfb\xfa");
  EXPECT_EQ(as_text(raw[3]), std::string_view("\x00\x3c\x00\x40", 4));
  EXPECT_EQ(as_text(raw[4]), std::string_view("\x00\x00\x80\x3f", 4));
}

TEST(GolfFormat, WritesAGridAfterTheScales) {
  TableEntry entry{.tensor = {.name = "t", .encoding = Encoding::kTrellis, .bits = 8}};
  entry.tensor.values = {DType::kI8, {2, 3}, {}};
  entry.tensor.scales = {DType::kI8, {3}, {}};
  entry.tensor.grid = {.step = 1.0F, .column_offsets = true};
  entry.scales_stream = 1;
  constexpr char kTable[] =
      "\x01\x00\x01t"
      "\x04\x0b\x02"           // trellis, was float32, holds int8
      "\x02\x02\x03\x00"       // rank 2: 2 × 3, values in stream 0
      "\x08\x02\x01"           // 8 bits, int8 offsets in stream 1
      "\x00\x00\x80\x3f\x02";  // step 1.0, offsets of columns
  const Bytes table = encode_tensor_table({entry});
  EXPECT_EQ(as_text(table), std::string_view(kTable, sizeof kTable - 1));
  const std::vector<TableEntry> read = decode_tensor_table(table, 2, "t");
  EXPECT_EQ(read[0].tensor.grid, entry.tensor.grid);
  EXPECT_EQ(read[0].tensor.scales.shape, Shape{3});
}

/// The bytes of a code block whose lines are an offset, bytes in hexadecimal, two spaces and what they are.
Bytes from_hex_dump(std::string_view block) {
  Bytes bytes;
  std::istringstream lines{std::string(block)};
  for (std::string line; std::getline(lines, line);) {
    const size_t begin = line.find("  ", line.find_first_not_of(' ')) + 2;
    std::istringstream words(line.substr(begin, line.find("  ", begin) - begin));
    for (int byte = 0; words >> std::hex >> byte;) bytes.push_back(static_cast<std::byte>(byte));
  }
  return bytes;
}

TEST(GolfFormat, TheWholeFileOfThePageDecodes) {
  const Bytes file = read_file(test::source_file("docs/FORMAT.md"));
  std::string_view page = as_text(file);
  page.remove_prefix(page.find("### A whole file"));
  page.remove_prefix(page.find("```\n") + 4);
  const Artifact artifact = decode_artifact(from_hex_dump(page.substr(0, page.find("```"))), "the page");
  const TensorSet tensors = dequantize(artifact.model);
  const auto values = tensors.find("t")->values<float>();
  EXPECT_EQ(std::vector<float>(values.begin(), values.end()), (std::vector<float>{0, 0.5F, -0.5F, 1, -1, 0}));
}

}  // namespace
}  // namespace golf
