#include "golf/train/data/batch_loader.h"

#include <fmt/format.h>

#include "golf/artifact/base/error.h"

namespace golf {

BatchLoader::BatchLoader(ShardStream stream, int64_t batch_tokens, int64_t grad_accum_steps, int64_t seq_len,
                         RankInfo ranks)
    : stream_(std::move(stream)),
      grad_accum_steps_(grad_accum_steps),
      span_(batch_tokens / grad_accum_steps + 1),
      seq_len_(seq_len),
      ranks_(ranks) {
  if (ranks.world < 1 || ranks.rank < 0 || ranks.rank >= ranks.world || grad_accum_steps % ranks.world != 0) {
    fail(ErrorCode::kInvalidArgument,
         fmt::format("rank {} of {}: the number of ranks must divide {} gradient accumulation steps",
                     ranks.rank, ranks.world, grad_accum_steps));
  }
  if (span_ < 2 || (span_ - 1) % seq_len != 0) {
    fail(ErrorCode::kInvalidArgument,
         fmt::format("{} tokens over {} gradient accumulation steps is not a multiple of sequence length {}",
                     batch_tokens, grad_accum_steps, seq_len));
  }
}

TokenBatch BatchLoader::next() {
  stream_.skip(ranks_.rank * span_);
  TokenBatch batch{.tokens = stream_.take(span_), .seq_len = seq_len_};
  stream_.skip((ranks_.world - 1 - ranks_.rank) * span_);
  return batch;
}

}  // namespace golf
