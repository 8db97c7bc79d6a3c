#include "golf/train/data/stream_loader.h"

#include <fmt/format.h>

#include <utility>

#include "golf/artifact/base/error.h"

namespace golf {

StreamLoader::StreamLoader(ShardStream stream, int64_t batch_tokens, int64_t grad_accum_steps,
                           int64_t seq_len, RankInfo ranks)
    : BatchLoader(grad_accum_steps, ranks),
      stream_(std::move(stream)),
      span_(batch_tokens / grad_accum_steps + 1),
      seq_len_(seq_len) {
  if (span_ < 2 || (span_ - 1) % seq_len != 0) {
    fail(ErrorCode::kInvalidArgument,
         fmt::format("{} tokens over {} gradient accumulation steps is not a multiple of sequence length {}",
                     batch_tokens, grad_accum_steps, seq_len));
  }
}

TokenBatch StreamLoader::next() {
  stream_.skip(ranks().rank * span_);
  TokenBatch batch{.tokens = stream_.take(span_), .seq_len = seq_len_, .row_distance = seq_len_};
  stream_.skip((ranks().world - 1 - ranks().rank) * span_);
  return batch;
}

}  // namespace golf
