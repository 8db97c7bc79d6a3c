#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "golf/artifact/base/bytes.h"

namespace golf {

/// Token shard: 256 little-endian int32 (magic 20240520, version 1, count N, zeros), then N uint16 tokens.
inline constexpr int32_t kShardMagic = 20240520;
inline constexpr uint64_t kShardHeaderBytes = 1024;

/// All tokens of one shard. @throws Error kCorruptData: bad magic, version, size ≠ 1024 + 2N, fewer than 2
/// tokens; kMismatch: a token ≥ `vocab_size` (0 skips that check)
std::vector<uint16_t> read_token_shard(const std::string& path, int64_t vocab_size);
std::vector<uint16_t> parse_token_shard(ByteView bytes, const std::string& what, int64_t vocab_size);
Bytes encode_token_shard(std::span<const uint16_t> tokens);

}  // namespace golf
