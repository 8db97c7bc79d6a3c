#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "golf/artifact/base/bytes.h"

namespace golf {

/// How a paid prefix is compressed; the names of PR 262's PAID_PREFIX_CODEC.
enum class PrefixCodec {
  kAuto,  ///< told by the first bytes: xz, .lzma or zlib
  kLzma,  ///< xz, several of them one after the other, or .lzma
  kZlib,
  kRaw,
};
/// "auto", "lzma", "xz" (the same), "zlib", "raw". @throws Error kInvalidArgument listing them
PrefixCodec parse_prefix_codec(std::string_view name);

/// The first targets of a validation stream as PR 262's artifact carries them: little-endian uint16 without
/// header or offset, as .xz of preset 6 with CRC64. Entry t of the prefix is target t: token t + 1.
/// Source: docs/SUBMISSIONS.md, PR 262, Evaluation. @throws Error kInvalidArgument when there are none
Bytes encode_paid_prefix(std::span<const uint16_t> targets);

/// @param vocab_size  0: tokens are not checked
/// @throws Error kCorruptData: damaged, truncated, no tokens or half a token, more than
/// limits::kDecompressedBytes; kMismatch: a token ≥ vocab_size
std::vector<uint16_t> decode_paid_prefix(ByteView bytes, const std::string& what, int64_t vocab_size,
                                         PrefixCodec codec = PrefixCodec::kAuto);

}  // namespace golf
