#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "golf/artifact/text/shards.h"
#include "golf/train/data/data_config.h"
#include "golf/train/data/data_position.h"
#include "golf/train/parallel/launch_environment.h"

namespace golf {

/// The tokens of one forward and backward pass of one rank: rows of seq_len inputs, each with the target of
/// its last input behind it.
struct TokenBatch {
  std::vector<uint16_t> tokens;
  int64_t seq_len = 0;
  /// Tokens from one row's first to the next row's: seq_len where that target is the next row's first input,
  /// seq_len + 1 where the rows lie apart.
  int64_t row_distance = 0;

  int64_t rows() const {
    return (static_cast<int64_t>(tokens.size()) - seq_len - 1 + row_distance) / row_distance;
  }
  std::span<const uint16_t> inputs(int64_t row) const { return part(row * row_distance); }
  std::span<const uint16_t> targets(int64_t row) const { return part(row * row_distance + 1); }

 private:
  std::span<const uint16_t> part(int64_t first) const {
    return std::span(tokens).subspan(static_cast<size_t>(first), static_cast<size_t>(seq_len));
  }
};

/// Hands out the micro-batches of one rank in the order that data.order names. All ranks must make the same
/// calls.
class BatchLoader {
 public:
  virtual ~BatchLoader() = default;

  /// @throws Error when a shard is malformed or holds a token that is not in the vocabulary
  virtual TokenBatch next() = 0;

  /// Where the batch that next() will hand out begins.
  virtual DataPosition position() const = 0;
  /// @throws Error kMismatch when there is no such place in these shards
  virtual void seek(const DataPosition& position) = 0;

  /// Forward and backward passes that this rank does in one step (upstream's gradient accumulation count).
  int64_t accumulation_steps() const { return grad_accum_steps_ / ranks_.world; }

 protected:
  /// @param grad_accum_steps  forward passes a step over all ranks
  /// @throws Error kInvalidArgument when the ranks do not divide them
  BatchLoader(int64_t grad_accum_steps, RankInfo ranks);
  const RankInfo& ranks() const { return ranks_; }

 private:
  int64_t grad_accum_steps_;
  RankInfo ranks_;
};

/// The loader of that configuration. @throws Error what its constructor does
std::unique_ptr<BatchLoader> make_batch_loader(const DataConfig& config,
                                               const std::vector<ShardFiles>& shards, int64_t vocab_size,
                                               RankInfo ranks = {});

}  // namespace golf
