#pragma once

#include <span>
#include <string>
#include <vector>

#include "encode/plane_order.h"

namespace golf {

/// Codec "golf": codes a stream knowing the shapes of its tensors, which general-purpose codecs do not.
/// docs/FORMAT.md specifies it to the bit; docs/adr/0005 says why it is a codec of streams.

/// `joined` holds the tensors one after another, row-major. Single-threaded, deterministic on every machine.
/// `level`: see compression_levels.h.
Bytes encode_golf_stream(std::span<const StreamTensor> tensors, ByteView joined, int level);

/// The tensors' bytes, joined. Memory follows the tensors' declared bytes, which must be in proportion to
/// what is there. @throws Error kCorruptData
Bytes decode_golf_stream(std::span<const StreamTensor> tensors, ByteView encoded, const std::string& what);

/// Whether a stream of `encoded_bytes` may decode to `raw_bytes`: bounds the work that a small file can ask
/// for.
bool may_expand(uint64_t encoded_bytes, uint64_t raw_bytes);

/// The bytes that each tensor takes, without decoding; the tensors share the rest of `encoded`.
/// @throws Error kCorruptData
std::vector<uint64_t> golf_tensor_bytes(std::span<const StreamTensor> tensors, ByteView encoded,
                                        const std::string& what);

std::string golf_library();

}  // namespace golf
