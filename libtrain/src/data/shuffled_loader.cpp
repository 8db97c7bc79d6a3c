#include "golf/train/data/shuffled_loader.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "golf/artifact/base/error.h"

namespace golf {

ShuffledLoader::ShuffledLoader(const std::vector<ShardFiles>& shards, int64_t vocab_size, int64_t rows,
                               int64_t grad_accum_steps, int64_t seq_len, RankInfo ranks)
    : BatchLoader(grad_accum_steps, ranks), rows_(rows), seq_len_(seq_len), generator_(0) {
  if (rows < 1) {
    fail(ErrorCode::kInvalidArgument,
         fmt::format("{} rows of {} tokens: a micro-batch needs one at least", rows, seq_len));
  }
  if (static_cast<size_t>(ranks.world) > shards.size()) {
    fail(ErrorCode::kInvalidArgument,
         fmt::format("{} training shards for {} ranks: the shuffled order gives each rank shards of its own: "
                     "use fewer ranks or another data.order",
                     shards.size(), ranks.world));
  }
  for (auto i = static_cast<size_t>(ranks.rank); i < shards.size(); i += static_cast<size_t>(ranks.world)) {
    shards_.push_back({.file = TokenShardFile(shards[i].path, vocab_size)});
  }
  start();
}

void ShuffledLoader::start() {
  generator_ = NumpyGenerator(static_cast<uint64_t>(ranks().rank));
  drawn_batches_ = 0;
  cut_anew();
}

void ShuffledLoader::cut_anew() {
  const auto length = static_cast<uint64_t>(seq_len_);
  uint64_t rows = 0;
  for (Shard& shard : shards_) {
    const uint64_t tokens = shard.file.size();
    const uint64_t beyond_a_row = tokens > length + 1 ? tokens - length - 1 : 0;
    shard.phase = generator_.integer_up_to(static_cast<uint32_t>(std::min(length - 1, beyond_a_row)));
    shard.order = generator_.permutation(static_cast<uint32_t>((tokens - 1 - shard.phase) / length));
    rows += shard.order.size();
  }
  if (rows == 0) {
    fail(ErrorCode::kInvalidArgument,
         fmt::format("{}: neither this training shard nor another of rank {} has a row of {} tokens and its "
                     "last target: lower data.seq_len",
                     shards_.front().file.name(), ranks().rank, seq_len_));
  }
}

ShuffledLoader::Row ShuffledLoader::draw() {
  // In float64, as the program does: shares are rounded before they are summed.
  std::vector<double> shares(shards_.size());
  const auto count = [&] {
    std::ranges::transform(shards_, shares.begin(),
                           [](const Shard& shard) { return static_cast<double>(shard.order.size()); });
    return std::accumulate(shares.begin(), shares.end(), 0.0);
  };
  double left = count();
  if (left <= 0) {
    cut_anew();
    left = count();
  }
  for (double& share : shares) share /= left;
  const size_t chosen = generator_.choice(shares);
  Shard& shard = shards_[chosen];
  const uint64_t row = shard.order.back();
  shard.order.pop_back();
  return {.shard = chosen, .first = shard.phase + row * static_cast<uint64_t>(seq_len_)};
}

TokenBatch ShuffledLoader::next() {
  TokenBatch batch{.tokens = {}, .seq_len = seq_len_, .row_distance = seq_len_ + 1};
  batch.tokens.resize(static_cast<size_t>(rows_ * batch.row_distance));
  for (int64_t i = 0; i < rows_; ++i) {
    const Row row = draw();
    shards_[row.shard].file.read(row.first, std::span(batch.tokens)
                                                .subspan(static_cast<size_t>(i * batch.row_distance),
                                                         static_cast<size_t>(seq_len_) + 1));
  }
  ++drawn_batches_;
  return batch;
}

DataPosition ShuffledLoader::position() const {
  return {.shard = 0, .offset = static_cast<uint64_t>(drawn_batches_ * ranks().world)};
}

void ShuffledLoader::seek(const DataPosition& position) {
  const int64_t batches = static_cast<int64_t>(position.offset) / ranks().world;
  if (position.shard != 0 || batches < 0) {
    fail(ErrorCode::kMismatch,
         fmt::format("data position: shard {}, offset {} is not one of the shuffled order: resume with the "
                     "configuration the run began with",
                     position.shard, position.offset));
  }
  if (batches < drawn_batches_) start();
  for (; drawn_batches_ < batches; ++drawn_batches_) {
    for (int64_t i = 0; i < rows_; ++i) draw();
  }
}

}  // namespace golf
