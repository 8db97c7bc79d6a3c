#include <gtest/gtest.h>

#include <set>

#include "golf/artifact/encode/codec.h"
#include "support/error_matchers.h"

namespace golf {
namespace {

TEST(CodecSpec, ReadsNamesAndLevels) {
  EXPECT_EQ(parse_codec("zstd"), (CodecSpec{CodecId::kZstd, 22, false}));
  EXPECT_EQ(parse_codec("zstd:3"), (CodecSpec{CodecId::kZstd, 3, false}));
  EXPECT_EQ(parse_codec("zlib:9"), (CodecSpec{CodecId::kZlib, 9, false}));
  EXPECT_EQ(parse_codec("lzma:9e"), (CodecSpec{CodecId::kLzma, 9, true}));
  EXPECT_EQ(parse_codec("lzma:0"), (CodecSpec{CodecId::kLzma, 0, false}));
  EXPECT_EQ(parse_codec("brotli:11"), (CodecSpec{CodecId::kBrotli, 11, false}));
  EXPECT_EQ(parse_codec("store").id, CodecId::kStore);
}

TEST(CodecSpec, PrintsWhatItReads) {
  for (const char* text : {"store", "zlib:1", "zstd:22", "lzma:6", "lzma:9e", "brotli:0", "golf:3"}) {
    EXPECT_EQ(to_string(parse_codec(text)), text);
  }
}

TEST(CodecSpec, RefusesUnknownCodecsAndLevelsListingTheGrammar) {
  for (const char* text :
       {"", "zip", "zstd:", "zstd:0", "zstd:23", "zstd:22e", "zlib:10", "lzma:e", "lzma:-1", "lzma:9ee",
        "brotli:12", "brotli:1 ", "store:1", "ZSTD:22", "zstd:99999999999"}) {
    EXPECT_GOLF_ERROR(
        parse_codec(text), ErrorCode::kInvalidArgument,
        "give one of store, zlib[:1..9], zstd[:1..22], lzma[:0..9[e]], brotli[:0..11], golf[:1..9]");
  }
}

TEST(CodecSpec, PrintsTheNameAloneWhenTheLevelIsUnknown) {
  const CodecSpec spec{CodecId::kZstd, CodecSpec::kUnknownLevel, false};
  EXPECT_EQ(to_string(spec), "zstd");
  EXPECT_GOLF_ERROR(encode(spec, Bytes(3)), ErrorCode::kInvalidArgument, "no such level");
}

TEST(CodecTable, HasDistinctIdsAndNames) {
  std::set<CodecId> ids;
  std::set<std::string_view> names;
  for (const CodecRow& row : codec_table()) {
    EXPECT_TRUE(ids.insert(row.id).second) << row.name;
    EXPECT_TRUE(names.insert(row.name).second) << row.name;
    EXPECT_EQ(&codec_row(row.id), &row);
    EXPECT_FALSE(row.library_version().empty());
  }
  EXPECT_GOLF_ERROR(codec_row(static_cast<CodecId>(99)), ErrorCode::kUnsupported, "codec id 99");
}

}  // namespace
}  // namespace golf
