#pragma once

#include <string>

#include "golf/artifact/base/bytes.h"

namespace golf {

/// The wrapper that many submissions put around their bytes before brotli: "BSHF", the stride as a byte, then
/// the bytes at offsets 0, stride, 2·stride, …, those at 1, 1 + stride, …, and so on. Source:
/// docs/SUBMISSIONS.md, PR 1394, Artifact.
bool is_byte_shuffled(ByteView bytes);
/// @param stride  1 … 255
Bytes shuffle_bytes(ByteView raw, int stride);

struct UnshuffledBytes {
  int stride = 0;
  Bytes raw = {};
};
/// `bytes` must be is_byte_shuffled(). @throws Error kCorruptData: no stride, or a stride of 0
UnshuffledBytes unshuffle_bytes(ByteView bytes, const std::string& what);

}  // namespace golf
