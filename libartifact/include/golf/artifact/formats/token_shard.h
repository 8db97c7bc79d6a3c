#pragma once

#include <cstdint>
#include <memory>
#include <span>
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

class Descriptor;

/// A shard of which a piece is read here and there: the file stays open, its tokens are not kept.
class TokenShardFile {
 public:
  /// @throws Error as read_token_shard, but for the tokens, which are checked when they are read
  TokenShardFile(const std::string& path, int64_t vocab_size);

  /// Tokens in the shard.
  uint64_t size() const { return size_; }
  /// What messages call the file.
  const std::string& name() const { return name_; }
  /// Reads the tokens first, first + 1, …, as many as there is room for. @throws Error kMismatch: a token ≥
  /// vocab_size; kIo: they cannot be read, as when the file has become shorter
  void read(uint64_t first, std::span<uint16_t> tokens) const;

 private:
  std::string name_;
  int64_t vocab_size_;
  std::shared_ptr<const Descriptor> file_;
  uint64_t size_ = 0;
};

}  // namespace golf
