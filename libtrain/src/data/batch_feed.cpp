#include "golf/train/data/batch_feed.h"

#include <utility>

namespace golf {

BatchFeed::BatchFeed(std::unique_ptr<BatchLoader> loader)
    : loader_(std::move(loader)), position_(loader_->position()) {}

BatchFeed::Ahead BatchFeed::read() {
  TokenBatch batch = loader_->next();
  return {.batch = std::move(batch), .after = loader_->position()};
}

TokenBatch BatchFeed::next() {
  Ahead current = ahead_.valid() ? ahead_.get() : read();
  position_ = current.after;
  ahead_ = std::async(std::launch::async, [this] { return read(); });
  return std::move(current.batch);
}

void BatchFeed::seek(const DataPosition& position) {
  if (ahead_.valid()) ahead_.wait();
  ahead_ = {};  // with whatever went wrong in it
  loader_->seek(position);
  position_ = position;
}

}  // namespace golf
