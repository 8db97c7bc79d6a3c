#include "golf/artifact/container/paid_prefix.h"

#include <gtest/gtest.h>
#include <lzma.h>

#include "golf/artifact/base/file.h"
#include "golf/artifact/encode/codec.h"
#include "golf/artifact/formats/token_shard.h"
#include "support/error_matchers.h"
#include "support/reference_data.h"

namespace golf {
namespace {

std::vector<uint16_t> some_tokens(size_t count = 3000) {
  std::vector<uint16_t> tokens;
  for (size_t i = 0; i < count; ++i) tokens.push_back(static_cast<uint16_t>(i * i % 1021));
  return tokens;
}

ByteView raw_bytes(const std::vector<uint16_t>& tokens) { return std::as_bytes(std::span(tokens)); }

/// The .lzma format that came before xz.
Bytes lzma_alone(ByteView raw) {
  lzma_options_lzma options;
  EXPECT_FALSE(lzma_lzma_preset(&options, 6));
  lzma_stream stream = LZMA_STREAM_INIT;
  EXPECT_EQ(lzma_alone_encoder(&stream, &options), LZMA_OK);
  Bytes encoded(raw.size() + 1000);
  stream.next_in = reinterpret_cast<const uint8_t*>(raw.data());
  stream.avail_in = raw.size();
  stream.next_out = reinterpret_cast<uint8_t*>(encoded.data());
  stream.avail_out = encoded.size();
  EXPECT_EQ(lzma_code(&stream, LZMA_FINISH), LZMA_STREAM_END);
  encoded.resize(stream.total_out);
  lzma_end(&stream);
  return encoded;
}

TEST(PaidPrefix, ComesBack) {
  const Bytes blob = encode_paid_prefix(some_tokens());
  EXPECT_EQ(detect_codec(blob), CodecId::kLzma);
  EXPECT_EQ(decode_paid_prefix(blob, "p", 1024), some_tokens());
}

TEST(PaidPrefix, IsReadInEveryCompressedFormOfTheSubmission) {
  const std::vector<uint16_t> tokens = some_tokens();
  const Bytes zlib = encode({.id = CodecId::kZlib, .level = 9}, raw_bytes(tokens));
  const Bytes alone = lzma_alone(raw_bytes(tokens));
  EXPECT_EQ(decode_paid_prefix(zlib, "p", 1024), tokens);
  EXPECT_EQ(decode_paid_prefix(alone, "p", 1024), tokens);
}

TEST(PaidPrefix, MayBeSeveralXzStreams) {
  const std::vector<uint16_t> tokens = some_tokens();
  Bytes blob = encode_paid_prefix(std::span(tokens).first(1000));
  const Bytes rest = encode_paid_prefix(std::span(tokens).subspan(1000));
  blob.insert(blob.end(), rest.begin(), rest.end());
  EXPECT_EQ(decode_paid_prefix(blob, "p", 1024), tokens);
}

TEST(PaidPrefix, RefusesEveryTruncation) {
  const Bytes blob = encode_paid_prefix(some_tokens(200));
  for (size_t size = 0; size < blob.size(); ++size) {
    EXPECT_GOLF_ERROR(decode_paid_prefix(ByteView(blob).first(size), "p", 0), ErrorCode::kCorruptData, "p: ");
  }
}

TEST(PaidPrefix, RefusesEveryFlippedByte) {
  const Bytes blob = encode_paid_prefix(some_tokens(200));
  for (size_t at = 0; at < blob.size(); ++at) {
    Bytes damaged = blob;
    damaged[at] ^= std::byte{0x10};
    EXPECT_GOLF_ERROR(decode_paid_prefix(damaged, "p", 0), ErrorCode::kCorruptData, "p: ");
  }
}

TEST(PaidPrefix, RefusesBytesAfterTheStream) {
  Bytes blob = encode_paid_prefix(some_tokens());
  blob.push_back(std::byte{1});
  EXPECT_GOLF_ERROR(decode_paid_prefix(blob, "p", 0), ErrorCode::kCorruptData, "p: ");
}

TEST(PaidPrefix, RefusesWhatIsNotTokens) {
  const Bytes odd = encode({.id = CodecId::kLzma, .level = 6}, as_bytes("abc"));
  EXPECT_GOLF_ERROR(decode_paid_prefix(odd, "p", 0), ErrorCode::kCorruptData, "3 bytes of tokens");
  EXPECT_GOLF_ERROR(decode_paid_prefix(encode({.id = CodecId::kZlib, .level = 9}, {}), "p", 0),
                    ErrorCode::kCorruptData, "0 bytes");
  EXPECT_GOLF_ERROR(decode_paid_prefix(raw_bytes(some_tokens()), "p", 0), ErrorCode::kCorruptData,
                    "not a paid prefix");
  EXPECT_GOLF_ERROR(decode_paid_prefix(as_bytes("hello"), "p", 0), ErrorCode::kCorruptData,
                    "not a paid prefix");
  const std::vector<uint16_t> tokens = {5, 1024};
  EXPECT_GOLF_ERROR(decode_paid_prefix(encode_paid_prefix(tokens), "p", 1024), ErrorCode::kMismatch,
                    "token 1024 at 1");
  EXPECT_GOLF_ERROR(encode_paid_prefix({}), ErrorCode::kInvalidArgument, "no tokens");
}

TEST(PaidPrefix, AgreesWithTheSubmissionsBuilder) {
  GOLF_NEED_REFERENCE_DATA();
  const auto stream = read_token_shard(test::reference_data() + "/fineweb/fineweb_val_000000.bin", 1024);
  const std::vector<uint16_t> targets(stream.begin() + 1, stream.begin() + 20'001);
  const Bytes golden = read_file(test::reference_data() + "/pr262/prefix_dev.xz");
  EXPECT_EQ(decode_paid_prefix(golden, "prefix_dev.xz", 1024), targets);
  EXPECT_NEAR(static_cast<double>(encode_paid_prefix(targets).size()), static_cast<double>(golden.size()),
              64);
}

}  // namespace
}  // namespace golf
