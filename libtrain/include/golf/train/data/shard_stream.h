#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace golf {

/// An endless cursor over token shards in the order of their paths: after the last token of a shard comes the
/// first of the next, after the last shard the first. Holds one shard in memory. Spec §1.2.
class ShardStream {
 public:
  /// Where the next token comes from: what a checkpoint needs to continue.
  struct Position {
    uint64_t shard = 0;
    uint64_t offset = 0;
    bool operator==(const Position&) const = default;
  };

  /// Opens the shards matching `pattern` (a glob). @throws Error when none matches or the first is malformed
  ShardStream(const std::string& pattern, int64_t vocab_size);

  /// The next `count` tokens. @throws Error when a shard is malformed or holds a token ≥ vocab_size
  std::vector<uint16_t> take(int64_t count);
  /// Moves on without copying.
  void skip(int64_t count);

  Position position() const { return position_; }
  /// @throws Error kMismatch when there is no such place in these shards
  void seek(const Position& position);

  uint64_t shard_count() const { return paths_.size(); }

 private:
  void open(uint64_t shard);
  template <class Use>
  void advance(int64_t count, const Use& use);

  std::vector<std::string> paths_;
  int64_t vocab_size_;
  std::vector<uint16_t> tokens_;  // of the current shard
  Position position_;
};

/// A digest of the names and sizes of the shards matching `pattern`: whether two runs read the same data.
/// @throws Error when none matches
std::string shards_digest(const std::string& pattern);

}  // namespace golf
