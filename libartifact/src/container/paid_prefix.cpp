#include "golf/artifact/container/paid_prefix.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "encode/codec_source.h"
#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"
#include "golf/artifact/base/limits.h"

namespace golf {
namespace {

Bytes decompress(ByteView bytes, const std::string& what) {
  // .lzma starts with its properties, 0x5d for every preset, and a dictionary size that is a multiple of 64k.
  constexpr std::string_view kLzmaAlone("\x5d\x00\x00", 3);
  const auto codec = detect_codec(bytes);
  if (codec == CodecId::kLzma || as_text(bytes).starts_with(kLzmaAlone)) {
    OutputBuffer out(limits::kDecompressedBytes, OutputBuffer::AtLimit::kFail, 4 * bytes.size(), what);
    lzma_decode_any(bytes, out, what);
    return out.take();
  }
  if (codec == CodecId::kZlib) return decode(CodecId::kZlib, bytes, limits::kDecompressedBytes, what);
  fail(
      ErrorCode::kCorruptData,
      fmt::format("{}: not a paid prefix: expected xz, .lzma or zlib: make one with golf-pack prefix", what));
}

}  // namespace

Bytes encode_paid_prefix(std::span<const uint16_t> targets) {
  if (targets.empty()) fail(ErrorCode::kInvalidArgument, "paid prefix: no tokens: give at least 1");
  return encode({.id = CodecId::kLzma, .level = 6}, std::as_bytes(targets));
}

std::vector<uint16_t> decode_paid_prefix(ByteView bytes, const std::string& what, int64_t vocab_size) {
  const Bytes raw = decompress(bytes, what);
  if (raw.empty() || raw.size() % sizeof(uint16_t) != 0) {
    fail(ErrorCode::kCorruptData,
         fmt::format("{}: {} bytes of tokens: expected a positive, even number", what, raw.size()));
  }
  std::vector<uint16_t> tokens(raw.size() / sizeof(uint16_t));
  std::memcpy(tokens.data(), raw.data(), raw.size());
  if (vocab_size > 0) {
    const auto beyond =
        std::find_if(tokens.begin(), tokens.end(), [&](uint16_t token) { return token >= vocab_size; });
    if (beyond != tokens.end()) {
      fail(ErrorCode::kMismatch, fmt::format("{}: token {} at {} is not below the vocabulary's {}", what,
                                             *beyond, beyond - tokens.begin(), vocab_size));
    }
  }
  return tokens;
}

}  // namespace golf
