#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "golf/artifact/text/shards.h"
#include "golf/train/data/data_position.h"

namespace golf {

/// An endless cursor over token shards in the order of their paths: after the last token of a shard comes the
/// first of the next, after the last shard the first. Holds one shard in memory.
/// Source: docs/SUBMISSIONS.md, upstream reference, Training.
class ShardStream {
 public:
  /// Opens the first shard. @throws Error when it is malformed
  ShardStream(std::vector<ShardFiles> shards, int64_t vocab_size);
  /// The shards that `where` names: see find_shards. @throws Error when there is none
  ShardStream(const std::string& where, int64_t vocab_size) : ShardStream(find_shards(where), vocab_size) {}

  /// The next `count` tokens. @throws Error when a shard is malformed or holds a token ≥ vocab_size
  std::vector<uint16_t> take(int64_t count);
  /// Moves on without copying.
  void skip(int64_t count);

  /// Of the next token.
  DataPosition position() const { return position_; }
  /// @throws Error kMismatch when there is no such place in these shards
  void seek(const DataPosition& position);

  uint64_t shard_count() const { return shards_.size(); }
  /// The current shard's tokens from the position on.
  std::span<const uint16_t> rest() const { return std::span(tokens_).subspan(position_.offset); }
  /// What messages call the current shard.
  std::string shard_name() const;
  /// Moves on to the beginning of the next shard. @throws Error when it is malformed
  void next_shard() { open((position_.shard + 1) % shards_.size()); }

 private:
  void open(uint64_t shard);
  template <class Use>
  void advance(int64_t count, const Use& use);

  std::vector<ShardFiles> shards_;
  int64_t vocab_size_;
  std::vector<uint16_t> tokens_;  // of the current shard
  DataPosition position_;
};

}  // namespace golf
