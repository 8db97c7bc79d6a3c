#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "golf/audit/data_audit.h"

namespace golf {

/// What is kept of a document of the smaller set.
struct KnownDocument {
  DocumentPlace place = {};
  uint64_t hash = 0;      ///< of its text
  uint32_t tokens = 0;    ///< with the one that begins it
  uint32_t shingles = 0;  ///< different ones
};

/// A document while its batch is in memory.
struct DocumentView {
  DocumentPlace place = {};
  std::span<const uint16_t> tokens = {};  ///< with the one that begins it
  std::span<const uint16_t> text = {};    ///< without
  uint64_t hash = 0;
};

/// One set of shards, read from front to back.
class SetPass {
 public:
  /// @param where      glob, file or folder
  /// @param in_folder  which shards of a folder
  SetPass(const std::string& where, std::string_view in_folder, const Tokenizer& tokenizer);

  uint64_t tokens() const { return stream_.tokens(); }
  const std::vector<TokenShardFile>& shards() const { return stream_.shards(); }
  /// Calls `work` for every document on several threads, each with an index into its batch, then `collect`
  /// for each in order.
  /// @param batch_documents  is told how many documents a batch has before `work` is called
  void read(const DataAuditOptions& options, const std::function<void(size_t)>& batch_documents,
            const std::function<void(size_t, const DocumentView&)>& work,
            const std::function<void(size_t, const DocumentView&)>& collect);
  /// What was read, and what is wrong with it.
  AuditedSet take(const KnownData& known, std::vector<AuditFinding>& findings);
  /// The last document's tokens, with the one that begins it.
  const std::vector<uint16_t>& tail() const { return tail_; }
  const DocumentPlace& tail_place() const { return tail_place_; }

 private:
  int64_t bytes_of(const DocumentBatch& batch, size_t document) const;
  void check_sidecars(std::vector<AuditFinding>& findings) const;

  std::string where_;
  const Tokenizer& tokenizer_;
  std::vector<ShardFiles> files_;
  DocumentStream stream_;
  AuditedSet set_;
  std::vector<int64_t> token_lengths_, byte_lengths_;  ///< how many documents have each length
  int64_t bytes_on_boundaries_ = 0, first_boundary_ = -1;
  std::vector<uint16_t> tail_;
  DocumentPlace tail_place_;
};

/// "document 17 (FILE, token 4,096)".
std::string place_text(const AuditedSet& set, const DocumentPlace& place);

/// What is known about documents that are the same: their indices, of each group ascending; groups by the
/// first.
std::vector<std::vector<size_t>> equal_documents(const std::vector<KnownDocument>& documents,
                                                 const std::vector<TokenShardFile>& shards);

}  // namespace golf
