#include "golf/train/data/batch_loader.h"

#include <fmt/format.h>

#include "golf/artifact/base/error.h"
#include "golf/train/data/document_loader.h"
#include "golf/train/data/shuffled_loader.h"
#include "golf/train/data/stream_loader.h"

namespace golf {

BatchLoader::BatchLoader(int64_t grad_accum_steps, RankInfo ranks)
    : grad_accum_steps_(grad_accum_steps), ranks_(ranks) {
  if (ranks.world < 1 || ranks.rank < 0 || ranks.rank >= ranks.world || grad_accum_steps % ranks.world != 0) {
    fail(ErrorCode::kInvalidArgument,
         fmt::format("rank {} of {}: the number of ranks must divide {} gradient accumulation steps",
                     ranks.rank, ranks.world, grad_accum_steps));
  }
}

std::unique_ptr<BatchLoader> make_batch_loader(const DataConfig& config,
                                               const std::vector<ShardFiles>& shards, int64_t vocab_size,
                                               RankInfo ranks) {
  switch (config.order) {
    case DataOrder::kShuffled:
      return std::make_unique<ShuffledLoader>(shards, vocab_size,
                                              config.micro_batch_tokens() / config.seq_len,
                                              config.grad_accum_steps, config.seq_len, ranks);
    case DataOrder::kDocuments:
      return std::make_unique<DocumentLoader>(ShardStream(shards, vocab_size), config.bos_id,
                                              config.micro_batch_tokens(), config.grad_accum_steps, ranks);
    default:
      return std::make_unique<StreamLoader>(ShardStream(shards, vocab_size), config.batch_tokens,
                                            config.grad_accum_steps, config.seq_len, ranks);
  }
}

}  // namespace golf
