#pragma once

#include <span>
#include <string>
#include <vector>

#include "encode/golf/plane_model.h"
#include "encode/plane_order.h"

namespace golf {

/// Method 1 of a golf stream (docs/FORMAT.md): values of planes in interleaved lanes, everything else in one
/// range-coded run of bytes.
struct StaticStream {
  int lane_log = 0;
  std::vector<uint64_t> side_bytes = {};  ///< of each member
  std::vector<uint64_t> words = {};       ///< of each member; 0 unless it is a plane
  Bytes side = {};                        ///< the range coder's bytes: the members' and four more
  Bytes lanes = {};                       ///< states and words; empty when there is no plane
};

/// A plane is a member of one-byte elements that has any.
bool is_plane(const PlaneMember& member);

StaticStream encode_static(std::span<const PlaneMember> members, ByteView joined, int effort);

/// Fills `joined`, which has room for exactly the members' bytes. @throws Error kCorruptData
void decode_static(std::span<const PlaneMember> members, const StaticStream& sizes, ByteView side,
                   ByteView lanes, const std::string& what, std::span<std::byte> joined);

}  // namespace golf
