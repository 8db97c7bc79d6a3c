// Damaged and hostile .golf files: refused, naming the place, or (never) read as something else.
#include <gtest/gtest.h>

#include <functional>

#include "container/golf_header.h"
#include "container/golf_tensor_table.h"
#include "container_models.h"
#include "golf/artifact/base/checksum.h"
#include "golf/artifact/container/artifact.h"
#include "support/error_matchers.h"

namespace golf {
namespace {

Bytes small_file() { return encode_artifact(test::small_artifact()); }

TEST(GolfHostile, RefusesEveryTruncatedPrefix) {
  const Bytes bytes = small_file();
  ASSERT_GT(bytes.size(), 5'000U);
  for (size_t length = 8; length < bytes.size(); length += length < 1'000 ? 1 : 97) {
    EXPECT_GOLF_ERROR(decode_artifact(ByteView(bytes).first(length), "m.golf"), ErrorCode::kCorruptData,
                      "m.golf: ");
    EXPECT_GOLF_ERROR(summarize_artifact(ByteView(bytes).first(length), "m.golf"), ErrorCode::kCorruptData,
                      "truncated");
  }
}

TEST(GolfHostile, RefusesBytesAfterTheLastSection) {
  for (const size_t extra : {1U, 28U, 5'000U}) {
    Bytes bytes = small_file();
    bytes.resize(bytes.size() + extra);
    EXPECT_GOLF_ERROR(decode_artifact(bytes, "m.golf"), ErrorCode::kCorruptData, "bytes left over");
    EXPECT_GOLF_ERROR(summarize_artifact(bytes, "m.golf"), ErrorCode::kCorruptData, "bytes left over");
  }
}

TEST(GolfHostile, RefusesAFlippedBitAnywhere) {
  const Bytes bytes = small_file();
  const size_t header_bytes = golf_header_bytes(read_golf_sections(bytes, "t").size());
  for (size_t i = 0; i < bytes.size(); i += i < header_bytes + 600 ? 1 : 61) {
    Bytes damaged = bytes;
    damaged[i] ^= static_cast<std::byte>(1U << (i % 8));
    try {
      decode_artifact(damaged, "m.golf");
      ADD_FAILURE() << "byte " << i << " was not missed";
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()).find("m.golf"), std::string::npos) << error.what();
    }
  }
}

/// Rewrites the header of a file whose sections are changed by `change`, with a right checksum.
Bytes rebuilt(const std::function<void(std::vector<Section>&)>& change) {
  static const Bytes original = small_file();
  std::vector<Section> sections = read_golf_sections(original, "t");
  change(sections);
  return write_golf_sections(sections);
}

void expect_refused(const std::function<void(std::vector<Section>&)>& change, ErrorCode code,
                    const std::string& part) {
  const Bytes bytes = rebuilt(change);
  EXPECT_GOLF_ERROR(decode_artifact(bytes, "m.golf"), code, part);
}

TEST(GolfHostile, RefusesOtherVersionsAskingForANewerTool) {
  Bytes bytes = small_file();
  bytes[8] = std::byte{2};
  EXPECT_GOLF_ERROR(decode_artifact(bytes, "m.golf"), ErrorCode::kUnsupported,
                    "m.golf: .golf version 2, this build reads version 1");
}

TEST(GolfHostile, RefusesUnknownSectionsCodecsAndOrders) {
  expect_refused([](auto& s) { s[2].id = static_cast<SectionId>(3); }, ErrorCode::kUnsupported, "section 2");
  expect_refused([](auto& s) { s[2].codec = static_cast<CodecId>(77); }, ErrorCode::kUnsupported,
                 "m.golf: section 2 (stream): codec id 77");
  expect_refused([](auto& s) { s[3].order = static_cast<PlaneOrder>(9); }, ErrorCode::kUnsupported,
                 "m.golf: section 3 (stream): plane order 9");
  expect_refused([](auto& s) { s[0].order = PlaneOrder::kTransposed; }, ErrorCode::kCorruptData,
                 "only streams have a plane order");
}

TEST(GolfHostile, RefusesMissingDoubleAndMisplacedSections) {
  const std::string part = "not info, tensor table, streams in this order";
  expect_refused([](auto& s) { s.erase(s.begin()); }, ErrorCode::kCorruptData, part);
  expect_refused([](auto& s) { s.resize(1); }, ErrorCode::kCorruptData, part);
  expect_refused([](auto& s) { s.clear(); }, ErrorCode::kCorruptData, part);
  expect_refused([](auto& s) { std::swap(s[0], s[1]); }, ErrorCode::kCorruptData, part);
  expect_refused([](auto& s) { s.push_back(s[0]); }, ErrorCode::kCorruptData, part);
  expect_refused([](auto& s) { s.push_back(s[2]); }, ErrorCode::kCorruptData, "no tensor uses it");
  expect_refused([](auto& s) { s.pop_back(); }, ErrorCode::kCorruptData, "tensor table): stream ");
}

TEST(GolfHostile, RefusesSizesThatDoNotAgreeBeforeAllocating) {
  expect_refused([](auto& s) { s[2].raw_bytes += 1; }, ErrorCode::kCorruptData, "decoded bytes declared");
  expect_refused([](auto& s) { s[2].raw_bytes = 0xffffffff; }, ErrorCode::kCorruptData,
                 "decodes to more than 536870912 bytes");
  expect_refused([](auto& s) { s[0].raw_bytes -= 1; }, ErrorCode::kCorruptData, "decodes to more than");
  expect_refused([](auto& s) { s[0].raw_bytes += 1; }, ErrorCode::kCorruptData, "bytes, ");
  expect_refused([](auto& s) { s[1].raw_bytes = 20'000'000; }, ErrorCode::kCorruptData,
                 "20000000 bytes, at most 16777216 allowed");
}

TEST(GolfHostile, RefusesStreamsThatWereExchanged) {
  // Each stream is sound in itself, but not the one that the table describes.
  expect_refused([](auto& s) { std::swap(s[2], s[3]); }, ErrorCode::kCorruptData, "its tensors need");
}

TEST(GolfHostile, ChecksTheDecodedBytesToo) {
  expect_refused([](auto& s) { s[2].raw_crc64 ^= 1; }, ErrorCode::kCorruptData,
                 "m.golf: section 2 (stream): checksum of the decoded bytes");
  expect_refused([](auto& s) { s[2].stored_crc64 ^= 1; }, ErrorCode::kCorruptData,
                 "m.golf: section 2 (stream): checksum");
}

/// A file with another tensor table, sound in every checksum.
void expect_table_refused(const Bytes& table, const std::string& part) {
  const Bytes bytes = rebuilt([&](std::vector<Section>& sections) {
    sections[1].codec = CodecId::kStore;
    sections[1].stored = table;
    sections[1].raw_bytes = static_cast<uint32_t>(table.size());
    sections[1].stored_crc64 = sections[1].raw_crc64 = crc64(table);
  });
  EXPECT_GOLF_ERROR(decode_artifact(bytes, "m.golf"), ErrorCode::kCorruptData, part);
}

Bytes table_of(std::initializer_list<int> values) {
  Bytes bytes;
  for (const int value : values) bytes.push_back(static_cast<std::byte>(value));
  return bytes;
}

TEST(GolfHostile, RefusesMalformedTensorTables) {
  expect_table_refused({}, "truncated");
  expect_table_refused(table_of({0x81, 0x80, 0x04}), "65537 tensors, at most 65536");
  expect_table_refused(table_of({0, 0}), "left over");
  expect_table_refused(table_of({1, 1, 1, 'a'}), "shares more than the one before it has");
  expect_table_refused(table_of({1, 0, 0, 0}), "a name of 0 bytes");
  expect_table_refused(table_of({1, 0, 1, 0xff, 0}), "not UTF-8");
  expect_table_refused(table_of({1, 0, 1, 'a', 7}), "encoding 7 is not known");
  expect_table_refused(table_of({1, 0, 1, 'a', 0, 99}), "dtype 99 is not known");
  expect_table_refused(table_of({1, 0, 1, 'a', 0, 11, 11, 9}), "rank 9, at most 8");
  expect_table_refused(table_of({1, 0, 1, 'a', 0, 11, 11, 0, 99}), "stream 99 of");
  // 2^31 × 2^31 float32 elements.
  expect_table_refused(
      table_of({1, 0, 1, 'a', 0, 11, 11, 2, 0x80, 0x80, 0x80, 0x80, 8, 0x80, 0x80, 0x80, 0x80, 8, 0}),
      "number too large");
  expect_table_refused(
      table_of({1, 0, 1, 'a', 0, 11, 11, 1, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1, 0}),
      "dimension 9223372036854775808");
  expect_table_refused(table_of({2, 0, 1, 'a', 0, 11, 11, 0, 0, 1, 0, 0, 11, 11, 0, 0}),
                       "tensor \"a\" appears twice");
  expect_table_refused(table_of({1, 0, 1, 'a', 1, 11, 2, 1, 3, 0, 6, 9, 1}), "scales per row need a matrix");
  expect_table_refused(table_of({1, 0, 1, 'a', 1, 11, 2, 2, 3, 3, 0, 9, 9, 1}), "integers of 9 bits");
  expect_table_refused(table_of({1, 0, 1, 'a', 1, 11, 11, 2, 3, 3, 0, 6, 9, 1}), "int8 values expected");
  // Grids: step 1.0 is 00 00 80 3f.
  expect_table_refused(table_of({1, 0, 1, 'a', 3, 11, 2, 2, 3, 3, 0, 8, 2, 1, 0, 0, 0x80, 0x3f}),
                       "truncated");
  expect_table_refused(table_of({1, 0, 1, 'a', 3, 11, 2, 2, 3, 3, 0, 8, 2, 1, 0, 0, 0x80, 0x3f, 4}),
                       "step offsets 4");
  expect_table_refused(table_of({1, 0, 1, 'a', 3, 11, 2, 2, 3, 3, 0, 8, 9, 1, 0, 0, 0x80, 0x3f, 3}),
                       "int8 offsets expected, float16 found");
  expect_table_refused(table_of({1, 0, 1, 'a', 3, 11, 2, 2, 3, 3, 0, 8, 2, 1, 0, 0, 0x80, 0x7f, 3}),
                       "a step of inf");
  expect_table_refused(table_of({1, 0, 1, 'a', 3, 11, 2, 2, 3, 3, 0, 6, 2, 1, 0, 0, 0x80, 0x3f, 3}),
                       "integers of 6 bits on a grid");
  for (const int encoding : {3, 4}) {
    expect_table_refused(table_of({1, 0, 1, 'a', encoding, 11, 2, 1, 3, 0, 8, 2, 1, 0, 0, 0x80, 0x3f, 1}),
                         "need a matrix, [3] found");
  }
}

TEST(GolfHostile, RefusesInfoThatIsNotWhatItShouldBe) {
  const auto refuse = [](const std::string& text, const std::string& part) {
    const Bytes bytes = rebuilt([&](std::vector<Section>& sections) {
      sections[0].codec = CodecId::kStore;
      sections[0].stored = as_bytes(text);
      sections[0].raw_bytes = static_cast<uint32_t>(text.size());
      sections[0].stored_crc64 = sections[0].raw_crc64 = crc64(as_bytes(text));
    });
    try {
      summarize_artifact(bytes, "m.golf");
      ADD_FAILURE() << text;
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()).find("m.golf: section 0 (info)"), std::string::npos)
          << error.what();
      EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << error.what();
    }
  };
  refuse("{", "not valid JSON");
  refuse("[]", "not an object");
  refuse(R"({"provenance":{}})", "\"codec\" is missing");
  refuse(R"({"codec":"zap","provenance":{}})", "codec \"zap\"");
  refuse(R"({"codec":"zstd:22","provenance":{"a":1}})", "not a string");
  refuse(R"({"codec":"zstd:22","provenance":{},"model_spec":{"model":{"num_heads":7}}})", "num_heads");
}

TEST(GolfHostile, RefusesIntegersOutsideTheirRangeAndInfiniteScales) {
  Artifact artifact = test::small_artifact();
  const auto with = [&](const std::string& name) -> StoredTensor& {
    for (StoredTensor& tensor : artifact.model.tensors) {
      if (tensor.name == name) return tensor;
    }
    throw std::out_of_range(name);
  };
  with("blocks.0.attn.c_q.weight").values.values<int8_t>()[5] = 100;
  EXPECT_GOLF_ERROR(
      decode_artifact(encode_artifact(artifact), "m.golf"), ErrorCode::kCorruptData,
      "m.golf: tensor \"blocks.0.attn.c_q.weight\": values from -31 to 100 found, int6 holds -32 to 31");
  EXPECT_NO_THROW(summarize_artifact(encode_artifact(artifact), "m.golf"));
  artifact = test::small_artifact();
  with("tok_emb.weight").scales.values<uint16_t>()[0] = 0x7c00;
  EXPECT_GOLF_ERROR(decode_artifact(encode_artifact(artifact), "m.golf"), ErrorCode::kCorruptData,
                    "m.golf: tensor \"tok_emb.weight\": scales: element [0] is infinite");
}

}  // namespace
}  // namespace golf
