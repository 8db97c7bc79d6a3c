#pragma once

#include <span>
#include <string>
#include <vector>

#include "encode/plane_order.h"

namespace golf {

/// Codec "golf": a stream coded with knowledge of its members' shapes, which the general-purpose codecs do
/// not have. docs/FORMAT.md specifies it to the bit; docs/adr/0005 says why it is a codec of streams.

/// From this effort on planes learn from those before them in the stream: the longer it is, the better.
inline constexpr int kLearningEffort = 5;

/// `joined` holds the members one after another, row-major. Single-threaded, deterministic on every machine.
Bytes encode_members(std::span<const PlaneMember> members, ByteView joined, int effort);

/// The members' bytes, joined. Memory follows the members' declared bytes, which must be in proportion to
/// what is there. @throws Error kCorruptData
Bytes decode_members(std::span<const PlaneMember> members, ByteView encoded, const std::string& what);

/// Whether a stream of so few bytes may decode to so many: bounds the work that a small file can ask for.
bool may_expand(uint64_t encoded_bytes, uint64_t raw_bytes);

/// The bytes that each member takes, without decoding; what is left of `encoded` they share.
/// @throws Error kCorruptData
std::vector<uint64_t> encoded_member_bytes(std::span<const PlaneMember> members, ByteView encoded,
                                           const std::string& what);

std::string golf_library();

}  // namespace golf
