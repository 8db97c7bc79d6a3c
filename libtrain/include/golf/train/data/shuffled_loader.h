#pragma once

#include <vector>

#include "golf/artifact/formats/token_shard.h"
#include "golf/train/data/batch_loader.h"
#include "golf/train/data/numpy_random.h"

namespace golf {

/// Hands out rows in the random order of PRs 1394 and 1493, which also draw their calibration from it. Rank r
/// owns the shards r, r + world, … and a generator seeded with r, whatever the seed of the run. Each shard is
/// cut into rows from a random first token on and the rows are put into a random order; each row of a batch
/// is the next one of a shard that is drawn with the share of the rows it has left. When all shards are used
/// up they are cut anew. Source: docs/SUBMISSIONS.md, PR 1493, Training.
///
/// Nothing but the number of draws is needed to go on: seek() repeats them without reading tokens. A run that
/// goes on with another number of ranks goes on in that number's order.
class ShuffledLoader : public BatchLoader {
 public:
  /// @param rows              of a micro-batch
  /// @param grad_accum_steps  forward passes a step over all ranks; a multiple of ranks.world
  /// @throws Error kInvalidArgument when there are more ranks than shards, no row fits into this rank's, or
  /// the ranks do not divide grad_accum_steps
  ShuffledLoader(const std::vector<ShardFiles>& shards, int64_t vocab_size, int64_t rows,
                 int64_t grad_accum_steps, int64_t seq_len, RankInfo ranks = {});

  TokenBatch next() override;
  DataPosition position() const override;
  void seek(const DataPosition& position) override;

  /// A row of this rank: seq_len + 1 tokens.
  struct Row {
    size_t shard = 0;    ///< among this rank's
    uint64_t first = 0;  ///< token of the shard
    bool operator==(const Row&) const = default;
  };
  /// Draws the next row without reading it.
  Row draw();

 private:
  struct Shard {
    TokenShardFile file;
    uint64_t phase = 0;                ///< first token of row 0
    std::vector<uint32_t> order = {};  ///< rows that are left, taken from the end
  };
  void start();
  void cut_anew();

  std::vector<Shard> shards_;  // of this rank
  int64_t rows_, seq_len_;
  NumpyGenerator generator_;
  int64_t drawn_batches_ = 0;  // of this rank
};

}  // namespace golf
