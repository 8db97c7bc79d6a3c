#include "golf/train/data/shard_stream.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"
#include "golf/artifact/formats/token_shard.h"

namespace golf {

ShardStream::ShardStream(std::vector<ShardFiles> shards, int64_t vocab_size)
    : shards_(std::move(shards)), vocab_size_(vocab_size) {
  open(0);
}

void ShardStream::open(uint64_t shard) {
  // A single shard that wraps around is not read again.
  if (tokens_.empty() || shard != position_.shard) {
    tokens_ = {};  // two shards are never held at once
    tokens_ = read_token_shard(shards_[shard].path, vocab_size_);
  }
  position_ = {.shard = shard, .offset = 0};
}

template <class Use>
void ShardStream::advance(int64_t count, const Use& use) {
  for (auto left = static_cast<uint64_t>(count); left > 0;) {
    if (position_.offset == tokens_.size()) next_shard();
    const uint64_t run = std::min(left, tokens_.size() - position_.offset);
    use(tokens_.data() + position_.offset, run);
    position_.offset += run;
    left -= run;
  }
}

std::vector<uint16_t> ShardStream::take(int64_t count) {
  std::vector<uint16_t> taken;
  taken.reserve(static_cast<size_t>(count));
  advance(count, [&](const uint16_t* first, uint64_t run) { taken.insert(taken.end(), first, first + run); });
  return taken;
}

void ShardStream::skip(int64_t count) {
  advance(count, [](const uint16_t*, uint64_t) {});
}

std::string ShardStream::shard_name() const { return printable(shards_[position_.shard].path); }

void ShardStream::seek(const DataPosition& position) {
  if (position.shard >= shards_.size()) {
    fail(ErrorCode::kMismatch,
         fmt::format("data position: shard {} of {}: resume with the data the run began with", position.shard,
                     shards_.size()));
  }
  open(position.shard);
  if (position.offset > tokens_.size()) {
    fail(ErrorCode::kMismatch,
         fmt::format("{}: data position {} of {} tokens: resume with the data the run began with",
                     shards_[position.shard].path, position.offset, tokens_.size()));
  }
  position_.offset = position.offset;
}

}  // namespace golf
