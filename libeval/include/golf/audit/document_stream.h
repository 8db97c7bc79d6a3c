#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "golf/artifact/formats/token_shard.h"
#include "golf/artifact/text/shards.h"

namespace golf {

/// Where a document begins: its number among the documents of its set, from 0, and the token of its shard
/// that begins it.
struct DocumentPlace {
  int64_t number = 0;
  int64_t shard = 0;
  uint64_t position = 0;
};

/// Whole documents of consecutive shards. A document is the token that begins it and those up to the next
/// one, also where a new shard begins in between.
struct DocumentBatch {
  std::vector<uint16_t> tokens = {};
  std::vector<uint16_t> bytes = {};  ///< of text, as many as tokens, from the sidecars; empty: there are none
  std::vector<DocumentPlace> places = {};
  std::vector<size_t> bounds = {};  ///< of the documents in `tokens`, one more than there are documents

  size_t size() const { return places.size(); }
  /// The tokens of a document, its first one included.
  std::span<const uint16_t> document(size_t index) const {
    return std::span(tokens).subspan(bounds[index], bounds[index + 1] - bounds[index]);
  }
  std::span<const uint16_t> bytes_of(size_t index) const {
    return std::span(bytes).subspan(bounds[index], bounds[index + 1] - bounds[index]);
  }
};

/// Reads the documents of a set of shards one after the other. Memory follows the batch, not the shards.
class DocumentStream {
 public:
  /// More tokens than that are no document: the shards belong to another tokenizer.
  static constexpr size_t kLongestDocument = size_t{1} << 24;

  /// Opens all shards and, where each of them has one, the sidecars. A sidecar that does not have as many
  /// numbers as its shard has tokens is not read: see `unusable_sidecars`.
  /// @param document_start  the token that begins a document
  /// @throws Error naming the file, as TokenShardFile
  DocumentStream(const std::vector<ShardFiles>& shards, int64_t vocab_size, uint16_t document_start);

  /// The next documents, about `wanted_tokens` in all; false at the end.
  /// @throws Error as TokenShardFile::read; kCorruptData for a document of more than kLongestDocument tokens
  bool read(DocumentBatch& batch, size_t wanted_tokens);

  uint64_t tokens() const;
  /// Tokens read before the first document: the end of one whose beginning is not in these shards.
  uint64_t leading_tokens() const { return leading_tokens_; }
  const std::vector<TokenShardFile>& shards() const { return shards_; }
  bool has_bytes() const { return !sidecars_.empty(); }
  /// Indices of the shards whose sidecar has another number of entries, or cannot be opened as one.
  const std::vector<int64_t>& unusable_sidecars() const { return unusable_sidecars_; }

 private:
  bool append_piece(DocumentBatch& batch);

  uint16_t document_start_;
  std::vector<TokenShardFile> shards_, sidecars_;
  std::vector<int64_t> unusable_sidecars_;
  size_t shard_ = 0;
  uint64_t position_ = 0, leading_tokens_ = 0;
  int64_t documents_ = 0;
  DocumentBatch pending_;  ///< the document that the last batch did not finish
};

/// Reads the tokens of one document again, its first one included.
std::vector<uint16_t> read_document(const std::vector<TokenShardFile>& shards, const DocumentPlace& place,
                                    size_t tokens);

}  // namespace golf
