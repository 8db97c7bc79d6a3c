#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "golf/train/data/shard_stream.h"
#include "golf/train/parallel/launch_environment.h"

namespace golf {

/// The tokens of one forward and backward pass of one rank: rows of seq_len, inputs and targets overlapping
/// by all but one token.
struct TokenBatch {
  std::vector<uint16_t> tokens;  ///< rows · seq_len + 1
  int64_t seq_len = 0;

  int64_t rows() const { return (static_cast<int64_t>(tokens.size()) - 1) / seq_len; }
  std::span<const uint16_t> inputs() const { return std::span(tokens).first(tokens.size() - 1); }
  std::span<const uint16_t> targets() const { return std::span(tokens).subspan(1); }
};

/// Hands out upstream's micro-batches. Each takes world spans of batch_tokens / grad_accum_steps + 1 tokens
/// off the stream, of which rank r keeps the r-th; so the last token of a span is only ever a target.
/// Document boundaries do not matter. All ranks must make the same calls. Source: docs/SUBMISSIONS.md,
/// upstream reference, Training.
class BatchLoader {
 public:
  /// @param grad_accum_steps  forward passes a step over all ranks; a multiple of ranks.world
  /// @throws Error kInvalidArgument when the ranks do not divide grad_accum_steps, or seq_len the micro-batch
  BatchLoader(ShardStream stream, int64_t batch_tokens, int64_t grad_accum_steps, int64_t seq_len,
              RankInfo ranks = {});

  TokenBatch next();

  /// Forward and backward passes that this rank does in one step (upstream's gradient accumulation count).
  int64_t accumulation_steps() const { return grad_accum_steps_ / ranks_.world; }
  ShardStream& stream() { return stream_; }
  const ShardStream& stream() const { return stream_; }

 private:
  ShardStream stream_;
  int64_t grad_accum_steps_, span_, seq_len_;
  RankInfo ranks_;
};

}  // namespace golf
