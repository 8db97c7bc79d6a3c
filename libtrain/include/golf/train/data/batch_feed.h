#pragma once

#include <future>
#include <memory>

#include "golf/train/data/batch_loader.h"

namespace golf {

/// Hands out a loader's batches, reading the next one on a thread of its own meanwhile, so that a step does
/// not wait for the disk where one shard ends and another begins. The same batches in the same order.
class BatchFeed {
 public:
  explicit BatchFeed(std::unique_ptr<BatchLoader> loader);
  BatchFeed(const BatchFeed&) = delete;
  BatchFeed& operator=(const BatchFeed&) = delete;

  /// @throws Error what reading the batch gave rise to
  TokenBatch next();

  /// Where the batch that next() will hand out begins: what was read ahead does not count.
  DataPosition position() const { return position_; }
  /// @throws Error kMismatch when there is no such place in these shards
  void seek(const DataPosition& position);

  int64_t accumulation_steps() const { return loader_->accumulation_steps(); }

 private:
  struct Ahead {
    TokenBatch batch;
    DataPosition after;
  };
  Ahead read();

  std::unique_ptr<BatchLoader> loader_;  // belongs to the thread while `ahead_` is valid
  DataPosition position_;
  std::future<Ahead> ahead_;  // waits for its thread when it goes
};

}  // namespace golf
