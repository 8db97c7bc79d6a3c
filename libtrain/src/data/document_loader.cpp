#include "golf/train/data/document_loader.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "golf/artifact/base/error.h"

namespace golf {

DocumentLoader::DocumentLoader(ShardStream stream, int64_t bos_id, int64_t micro_batch_tokens,
                               int64_t grad_accum_steps, RankInfo ranks)
    : BatchLoader(grad_accum_steps, ranks),
      stream_(std::move(stream)),
      bos_id_(bos_id),
      span_(micro_batch_tokens + 1) {
  skip_to_document();
}

void DocumentLoader::skip_to_document() {
  const std::span<const uint16_t> rest = stream_.rest();
  const auto found = std::ranges::find(rest, bos_id_);
  if (found == rest.end()) {
    fail(ErrorCode::kMismatch,
         fmt::format("{}: has no token {} that begins a document: give the right data.bos_id, or another "
                     "data.order",
                     stream_.shard_name(), bos_id_));
  }
  stream_.skip(found - rest.begin());
}

TokenBatch DocumentLoader::next() {
  const int64_t needed = span_ * ranks().world;
  for (uint64_t passed = 0; static_cast<int64_t>(stream_.rest().size()) < needed; ++passed) {
    if (passed > stream_.shard_count()) {
      fail(
          ErrorCode::kMismatch,
          fmt::format("{}: neither this training shard nor another has {} tokens from its first document on, "
                      "one micro-batch of {} ranks: lower data.batch_tokens or raise data.grad_accum_steps",
                      stream_.shard_name(), needed, ranks().world));
    }
    stream_.next_shard();
    skip_to_document();
  }
  stream_.skip(ranks().rank * span_);
  TokenBatch batch{.tokens = stream_.take(span_), .seq_len = span_ - 1, .row_distance = span_ - 1};
  stream_.skip((ranks().world - 1 - ranks().rank) * span_);
  return batch;
}

std::vector<int64_t> document_bounds(std::span<const uint16_t> inputs, int64_t bos_id, int64_t max_length) {
  const auto size = static_cast<int64_t>(inputs.size());
  std::vector<int64_t> bounds;
  const auto add_document = [&](int64_t first, int64_t end) {
    const int64_t step = max_length > 0 ? max_length : end - first;
    for (; first < end; first += step) bounds.push_back(first);
  };
  int64_t first = 0;
  for (int64_t i = 1; i < size; ++i) {
    if (inputs[static_cast<size_t>(i)] != bos_id) continue;
    add_document(first, i);
    first = i;
  }
  add_document(first, size);
  bounds.push_back(size);
  return bounds;
}

}  // namespace golf
