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

TEST(TokenShard, RefusesToWriteFewerThanTwoTokens) {
  EXPECT_GOLF_ERROR(encode_token_shard(std::span(kTokens).first(1)), ErrorCode::kInvalidArgument, "1 tokens");
}

}  // namespace
}  // namespace golf
