#pragma once

#include "golf/train/data/batch_loader.h"
#include "golf/train/data/shard_stream.h"

namespace golf {

/// Hands out upstream's micro-batches. Each takes world spans of batch_tokens / grad_accum_steps + 1 tokens
/// off the stream, of which rank r keeps the r-th; so the last token of a span is only ever a target.
/// Document boundaries do not matter. Source: docs/SUBMISSIONS.md, upstream reference, Training.
class StreamLoader : public BatchLoader {
 public:
  /// @param grad_accum_steps  forward passes a step over all ranks; a multiple of ranks.world
  /// @throws Error kInvalidArgument when the ranks do not divide grad_accum_steps, or seq_len the micro-batch
  StreamLoader(ShardStream stream, int64_t batch_tokens, int64_t grad_accum_steps, int64_t seq_len,
               RankInfo ranks = {});

  TokenBatch next() override;
  DataPosition position() const override { return stream_.position(); }
  void seek(const DataPosition& position) override { stream_.seek(position); }

 private:
  ShardStream stream_;
  int64_t span_, seq_len_;
};

}  // namespace golf
