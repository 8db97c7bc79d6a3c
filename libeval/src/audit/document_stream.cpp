#include "golf/audit/document_stream.h"

#include <fmt/format.h>

#include <algorithm>

#include "golf/artifact/base/error.h"

namespace golf {
namespace {

constexpr size_t kPieceTokens = size_t{1} << 20;  // read at a time

}  // namespace

DocumentStream::DocumentStream(const std::vector<ShardFiles>& shards, int64_t vocab_size,
                               uint16_t document_start)
    : document_start_(document_start) {
  bool all_have_bytes = true;
  for (const ShardFiles& files : shards) {
    shards_.emplace_back(files.path, vocab_size);
    if (files.sidecar.empty()) {
      all_have_bytes = false;
      continue;
    }
    try {
      sidecars_.emplace_back(files.sidecar, /*vocab_size=*/0);
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kCorruptData) throw;
      unusable_sidecars_.push_back(std::ssize(shards_) - 1);
      all_have_bytes = false;
      continue;
    }
    if (sidecars_.back().size() != shards_.back().size()) {
      unusable_sidecars_.push_back(std::ssize(shards_) - 1);
      all_have_bytes = false;
    }
  }
  if (!all_have_bytes) sidecars_.clear();
}

uint64_t DocumentStream::tokens() const {
  uint64_t sum = 0;
  for (const TokenShardFile& shard : shards_) sum += shard.size();
  return sum;
}

/// Appends the next tokens of the shards and notes the documents that begin in them; false at the end.
bool DocumentStream::append_piece(DocumentBatch& batch) {
  while (shard_ < shards_.size() && position_ == shards_[shard_].size()) ++shard_, position_ = 0;
  if (shard_ == shards_.size()) return false;
  const TokenShardFile& shard = shards_[shard_];
  const auto count = static_cast<size_t>(std::min<uint64_t>(kPieceTokens, shard.size() - position_));
  const size_t from = batch.tokens.size();
  batch.tokens.resize(from + count);
  shard.read(position_, std::span(batch.tokens).subspan(from));
  if (has_bytes()) {
    batch.bytes.resize(from + count);
    sidecars_[shard_].read(position_, std::span(batch.bytes).subspan(from));
  }
  const auto end = batch.tokens.end();
  for (auto at = batch.tokens.begin() + static_cast<std::ptrdiff_t>(from);; ++at) {
    at = std::find(at, end, document_start_);
    if (at == end) break;
    const auto offset = static_cast<size_t>(at - batch.tokens.begin());
    batch.places.push_back({documents_++, static_cast<int64_t>(shard_), position_ + offset - from});
    batch.bounds.push_back(offset);
  }
  position_ += count;
  if (batch.places.empty()) {  // no document has begun yet
    leading_tokens_ += count;
    batch.tokens.clear();
    batch.bytes.clear();
  } else if (const size_t first = batch.bounds[0]; first > 0) {
    leading_tokens_ += first;
    const auto cut = static_cast<std::ptrdiff_t>(first);
    batch.tokens.erase(batch.tokens.begin(), batch.tokens.begin() + cut);
    if (has_bytes()) batch.bytes.erase(batch.bytes.begin(), batch.bytes.begin() + cut);
    for (size_t& bound : batch.bounds) bound -= first;
  }
  return true;
}

bool DocumentStream::read(DocumentBatch& batch, size_t wanted_tokens) {
  batch = std::move(pending_);
  pending_ = {};
  bool at_end = false;
  while (!at_end && (batch.size() < 2 || batch.tokens.size() < wanted_tokens)) {
    at_end = !append_piece(batch);
    if (batch.size() == 1 && batch.tokens.size() > kLongestDocument) {
      const DocumentPlace& place = batch.places[0];
      fail(
          ErrorCode::kCorruptData,
          fmt::format("{}: the document that begins at token {} has more than {} tokens: are these shards of "
                      "another tokenizer?",
                      shards_[static_cast<size_t>(place.shard)].name(), place.position, kLongestDocument));
    }
  }
  if (batch.size() == 0) return false;
  if (!at_end) {  // the last one goes on
    const auto last = static_cast<std::ptrdiff_t>(batch.bounds.back());
    pending_.places = {batch.places.back()};
    pending_.bounds = {0};
    pending_.tokens.assign(batch.tokens.begin() + last, batch.tokens.end());
    if (has_bytes()) pending_.bytes.assign(batch.bytes.begin() + last, batch.bytes.end());
    batch.places.pop_back();
  } else {
    batch.bounds.push_back(batch.tokens.size());
  }
  return true;
}

std::vector<uint16_t> read_document(const std::vector<TokenShardFile>& shards, const DocumentPlace& place,
                                    size_t tokens) {
  std::vector<uint16_t> document(tokens);
  std::span<uint16_t> rest = document;
  uint64_t position = place.position;
  for (auto shard = static_cast<size_t>(place.shard); !rest.empty() && shard < shards.size(); ++shard) {
    const auto count = static_cast<size_t>(std::min<uint64_t>(rest.size(), shards[shard].size() - position));
    shards[shard].read(position, rest.first(count));
    rest = rest.subspan(count);
    position = 0;
  }
  return document;
}

}  // namespace golf
