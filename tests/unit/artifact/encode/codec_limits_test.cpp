// Streams that our own encoders do not write: other shapes that must be accepted, and claims that must not.
#include <brotli/encode.h>
#include <gtest/gtest.h>
#include <lzma.h>
#include <zstd.h>

#include "golf/artifact/encode/codec.h"
#include "support/error_matchers.h"

namespace golf {
namespace {

constexpr uint64_t kLimit = uint64_t{1} << 24;

Bytes counting_bytes(size_t count) {
  Bytes bytes(count);
  for (size_t i = 0; i < count; ++i) bytes[i] = static_cast<std::byte>(i * i / 7);
  return bytes;
}

Bytes zstd_frame(ByteView raw, bool content_size, bool checksum, int window_log) {
  ZSTD_CCtx* context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, content_size ? 1 : 0);
  ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, checksum ? 1 : 0);
  if (window_log > 0) ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, window_log);
  Bytes encoded(ZSTD_compressBound(raw.size()));
  ZSTD_inBuffer input{raw.data(), raw.size(), 0};
  ZSTD_outBuffer output{encoded.data(), encoded.size(), 0};
  // A first call that does not end the frame keeps the library from shrinking the window to the data.
  ZSTD_compressStream2(context, &output, &input, ZSTD_e_flush);
  EXPECT_EQ(ZSTD_compressStream2(context, &output, &input, ZSTD_e_end), 0U);
  ZSTD_freeCCtx(context);
  encoded.resize(output.pos);
  return encoded;
}

TEST(ZstdCodec, WritesOneFrameWithItsSizeAndNoChecksum) {
  const Bytes raw = counting_bytes(100'000);
  const Bytes encoded = encode(parse_codec("zstd:22"), raw);
  EXPECT_EQ(ZSTD_getFrameContentSize(encoded.data(), encoded.size()), raw.size());
  EXPECT_EQ(ZSTD_findFrameCompressedSize(encoded.data(), encoded.size()), encoded.size());
  EXPECT_EQ(std::to_integer<int>(encoded[4]) & 0x04, 0) << "checksum flag";
}

TEST(ZstdCodec, AcceptsFramesWithoutContentSizeAndWithChecksum) {
  const Bytes raw = counting_bytes(300'000);
  EXPECT_EQ(decode(CodecId::kZstd, zstd_frame(raw, false, false, 0), kLimit, "t"), raw);
  const Bytes with_checksum = zstd_frame(raw, true, true, 0);
  EXPECT_EQ(decode(CodecId::kZstd, with_checksum, kLimit, "t"), raw);
  Bytes damaged = with_checksum;
  damaged.back() ^= std::byte{1};
  EXPECT_GOLF_ERROR(decode(CodecId::kZstd, damaged, kLimit, "t"), ErrorCode::kCorruptData, "checksum");
}

TEST(ZstdCodec, RefusesWindowsOver128MiB) {
  const Bytes raw = counting_bytes(1000);
  EXPECT_EQ(decode(CodecId::kZstd, zstd_frame(raw, false, false, 27), kLimit, "t"), raw);
  EXPECT_GOLF_ERROR(decode(CodecId::kZstd, zstd_frame(raw, false, false, 28), kLimit, "t"),
                    ErrorCode::kCorruptData, "memory");
}

TEST(ZstdCodec, RefusesSkippableFrames) {
  Bytes skippable = {std::byte{0x50}, std::byte{0x2a}, std::byte{0x4d}, std::byte{0x18}};
  skippable.resize(8 + 4);
  skippable[4] = std::byte{4};
  EXPECT_GOLF_ERROR(decode(CodecId::kZstd, skippable, kLimit, "t"), ErrorCode::kCorruptData,
                    "no frame header");
}

TEST(LzmaCodec, WritesABlockHeaderWithoutSizes) {
  // As Python's lzma module does: PR 993 prunes until the file has so many bytes, so eight more would matter.
  const Bytes encoded = encode(parse_codec("lzma:6"), counting_bytes(1000));
  constexpr size_t kBlockFlags = 12 + 1;  // after the stream header and the header's size
  EXPECT_EQ(std::to_integer<int>(encoded[kBlockFlags]), 0);
}

Bytes xz_stream(ByteView raw, uint32_t dictionary_bytes, lzma_check check, bool two_blocks) {
  lzma_options_lzma options;
  lzma_lzma_preset(&options, 1);
  options.dict_size = dictionary_bytes;
  lzma_filter filters[] = {{LZMA_FILTER_LZMA2, &options}, {LZMA_VLI_UNKNOWN, nullptr}};
  lzma_stream stream = LZMA_STREAM_INIT;
  EXPECT_EQ(lzma_stream_encoder(&stream, filters, check), LZMA_OK);
  Bytes encoded(2 * raw.size() + 1000);
  stream.next_out = reinterpret_cast<uint8_t*>(encoded.data());
  stream.avail_out = encoded.size();
  stream.next_in = reinterpret_cast<const uint8_t*>(raw.data());
  if (two_blocks) {
    stream.avail_in = raw.size() / 2;
    EXPECT_EQ(lzma_code(&stream, LZMA_FULL_FLUSH), LZMA_STREAM_END);
    stream.avail_in = raw.size() - raw.size() / 2;
  } else {
    stream.avail_in = raw.size();
  }
  EXPECT_EQ(lzma_code(&stream, LZMA_FINISH), LZMA_STREAM_END);
  encoded.resize(encoded.size() - stream.avail_out);
  lzma_end(&stream);
  return encoded;
}

TEST(LzmaCodec, AcceptsSeveralBlocksAndOtherChecks) {
  const Bytes raw = counting_bytes(100'000);
  EXPECT_EQ(decode(CodecId::kLzma, xz_stream(raw, 1 << 20, LZMA_CHECK_CRC64, true), kLimit, "t"), raw);
  EXPECT_EQ(decode(CodecId::kLzma, xz_stream(raw, 1 << 20, LZMA_CHECK_NONE, false), kLimit, "t"), raw);
  EXPECT_EQ(decode(CodecId::kLzma, xz_stream(raw, 1 << 20, LZMA_CHECK_SHA256, false), kLimit, "t"), raw);
}

TEST(LzmaCodec, RefusesDictionariesOver128MiB) {
  const Bytes raw = counting_bytes(1000);
  Bytes encoded = xz_stream(raw, 1 << 26, LZMA_CHECK_CRC32, false);
  EXPECT_EQ(decode(CodecId::kLzma, encoded, kLimit, "t"), raw);
  // The dictionary size is one byte of the block header (stream header 12 bytes, then size, flags, filter id,
  // length of properties); 40 means 4 GiB. The header's CRC follows its padding.
  encoded[16] = std::byte{40};
  const size_t header_bytes = (std::to_integer<size_t>(encoded[12]) + 1) * 4;
  const uint32_t crc = lzma_crc32(reinterpret_cast<const uint8_t*>(encoded.data()) + 12, header_bytes - 4, 0);
  std::memcpy(encoded.data() + 12 + header_bytes - 4, &crc, sizeof(crc));
  EXPECT_GOLF_ERROR(decode(CodecId::kLzma, encoded, kLimit, "t"), ErrorCode::kCorruptData, "more memory");
}

TEST(BrotliCodec, RefusesLargeWindows) {
  const Bytes raw = counting_bytes(1000);
  BrotliEncoderState* state = BrotliEncoderCreateInstance(nullptr, nullptr, nullptr);
  BrotliEncoderSetParameter(state, BROTLI_PARAM_LARGE_WINDOW, 1);
  BrotliEncoderSetParameter(state, BROTLI_PARAM_LGWIN, 28);
  Bytes encoded(4096);
  size_t available_in = raw.size();
  const auto* next_in = reinterpret_cast<const uint8_t*>(raw.data());
  size_t available_out = encoded.size();
  auto* next_out = reinterpret_cast<uint8_t*>(encoded.data());
  ASSERT_TRUE(BrotliEncoderCompressStream(state, BROTLI_OPERATION_FINISH, &available_in, &next_in,
                                          &available_out, &next_out, nullptr));
  BrotliEncoderDestroyInstance(state);
  encoded.resize(encoded.size() - available_out);
  EXPECT_GOLF_ERROR(decode(CodecId::kBrotli, encoded, kLimit, "t"), ErrorCode::kCorruptData, "brotli");
}

}  // namespace
}  // namespace golf
