#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "golf/artifact/base/bytes.h"

namespace golf {

/// The first targets of a validation stream as PR 262's artifact carries them: little-endian uint16 without
/// header or offset, as .xz of preset 6 with CRC64. Entry t of the prefix is target t: token t + 1.
/// Source: docs/SUBMISSIONS.md, PR 262, Evaluation. @throws Error kInvalidArgument when there are none
Bytes encode_paid_prefix(std::span<const uint16_t> targets);

/// Also zlib, the older .lzma and several xz streams one after the other, as PR 262 reads them; the first
/// bytes tell.
/// @param vocab_size  0: tokens are not checked
/// @throws Error kCorruptData: damaged, truncated, no tokens or half a token, more than
/// limits::kDecompressedBytes; kMismatch: a token ≥ vocab_size
std::vector<uint16_t> decode_paid_prefix(ByteView bytes, const std::string& what, int64_t vocab_size);

}  // namespace golf
