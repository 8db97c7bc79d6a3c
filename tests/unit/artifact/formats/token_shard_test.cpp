#include "golf/artifact/formats/token_shard.h"

#include <gtest/gtest.h>

#include "golf/artifact/base/file.h"
#include "support/error_matchers.h"
#include "support/reference_data.h"
#include "support/temp_dir.h"

namespace golf {
namespace {

const std::vector<uint16_t> kTokens = {1, 500, 65'535, 0};

Bytes shard_with_word(size_t word, int32_t value) {
  Bytes bytes = encode_token_shard(kTokens);
  std::memcpy(bytes.data() + 4 * word, &value, sizeof(value));
  return bytes;
}

TEST(TokenShard, RoundTrips) {
  const Bytes bytes = encode_token_shard(kTokens);
  EXPECT_EQ(bytes.size(), 1024U + 8U);
  EXPECT_EQ(parse_token_shard(bytes, "s.bin", 0), kTokens);
  EXPECT_EQ(parse_token_shard(bytes, "s.bin", 65'536), kTokens);
}

TEST(TokenShard, RefusesEveryTruncatedPrefixAndExtraBytes) {
  Bytes bytes = encode_token_shard(kTokens);
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_GOLF_ERROR(parse_token_shard(ByteView(bytes).first(size), "s.bin", 0), ErrorCode::kCorruptData,
                      size < 1024 ? "its header alone has 1024" : "4 tokens, that is 1032 bytes");
  }
  bytes.push_back(std::byte{0});
  EXPECT_GOLF_ERROR(parse_token_shard(bytes, "s.bin", 0), ErrorCode::kCorruptData, "the file has 1033");
}

TEST(TokenShard, RefusesAWrongHeader) {
  EXPECT_GOLF_ERROR(parse_token_shard(shard_with_word(0, 7), "s.bin", 0), ErrorCode::kCorruptData,
                    "s.bin: not a token shard: first word 7, 20240520 expected");
  EXPECT_GOLF_ERROR(parse_token_shard(shard_with_word(1, 2), "s.bin", 0), ErrorCode::kCorruptData,
                    "version 2, 1 expected");
  for (const int32_t count : {-1, 0, 1}) {
    EXPECT_GOLF_ERROR(parse_token_shard(shard_with_word(2, count), "s.bin", 0), ErrorCode::kCorruptData,
                      "at least 2 are needed");
  }
  EXPECT_GOLF_ERROR(parse_token_shard(shard_with_word(2, 2'000'000'000), "s.bin", 0), ErrorCode::kCorruptData,
                    "2000000000 tokens");
}

TEST(TokenShard, RefusesATokenOutsideTheVocabulary) {
  EXPECT_GOLF_ERROR(parse_token_shard(encode_token_shard(kTokens), "s.bin", 65'535), ErrorCode::kMismatch,
                    "s.bin: token 65535 at position 2 is not below the vocabulary of 65535");
}

TEST(TokenShardFile, ReadsPieces) {
  const test::TempDir dir;
  const std::string path = dir.file("s.bin");
  write_file_atomic(path, encode_token_shard(kTokens));
  const TokenShardFile shard(path, 0);
  EXPECT_EQ(shard.size(), 4U);
  EXPECT_EQ(shard.name(), path);
  std::vector<uint16_t> piece(2);
  shard.read(1, piece);
  EXPECT_EQ(piece, (std::vector<uint16_t>{500, 65'535}));
  shard.read(2, piece);
  EXPECT_EQ(piece, (std::vector<uint16_t>{65'535, 0}));
  EXPECT_GOLF_ERROR(shard.read(3, piece), ErrorCode::kIo, "has no 2 tokens from position 3 on");
  const TokenShardFile narrow(path, 600);
  narrow.read(0, piece);
  EXPECT_GOLF_ERROR(narrow.read(1, piece), ErrorCode::kMismatch,
                    "token 65535 at position 2 is not below the vocabulary of 600");
}

TEST(TokenShardFile, RefusesWhatIsNoShard) {
  const test::TempDir dir;
  EXPECT_GOLF_ERROR(TokenShardFile(dir.file("none.bin"), 0), ErrorCode::kIo, "none.bin: cannot open");
  EXPECT_GOLF_ERROR(TokenShardFile(dir.path(), 0), ErrorCode::kInvalidArgument, "is not a regular file");
  Bytes bytes = encode_token_shard(kTokens);
  bytes.pop_back();
  write_file_atomic(dir.file("short.bin"), bytes);
  EXPECT_GOLF_ERROR(TokenShardFile(dir.file("short.bin"), 0), ErrorCode::kCorruptData, "the file has 1031");
  write_file_atomic(dir.file("head.bin"), ByteView(bytes).first(100));
  EXPECT_GOLF_ERROR(TokenShardFile(dir.file("head.bin"), 0), ErrorCode::kCorruptData,
                    "token shard of 100 bytes");
  write_file_atomic(dir.file("other.bin"), shard_with_word(0, 7));
  EXPECT_GOLF_ERROR(TokenShardFile(dir.file("other.bin"), 0), ErrorCode::kCorruptData, "not a token shard");
}

TEST(TokenShard, RefusesToWriteFewerThanTwoTokens) {
  EXPECT_GOLF_ERROR(encode_token_shard(std::span(kTokens).first(1)), ErrorCode::kInvalidArgument, "1 tokens");
}

}  // namespace
}  // namespace golf
