#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "golf/artifact/base/json.h"
#include "golf/artifact/base/progress.h"
#include "golf/artifact/text/known_data.h"
#include "golf/artifact/text/shards.h"
#include "golf/artifact/text/tokenizer.h"
#include "golf/audit/document_stream.h"

namespace golf {

/// Lengths of documents, without the token that begins each.
struct LengthSummary {
  int64_t least = 0, median = 0, most = 0;
  double mean = 0;
};

/// Documents of one set that hold the same tokens.
struct DuplicateGroup {
  std::vector<DocumentPlace> places = {};  ///< two or more, in order
  int64_t tokens = 0;                      ///< of each
};

/// What was read of one set of shards.
struct AuditedSet {
  std::string source;  ///< as it was named
  struct Shard {
    std::string path;
    int64_t tokens = 0;
    int64_t documents = 0;  ///< that begin in it
    std::string sidecar = {};
  };
  std::vector<Shard> shards = {};
  int64_t tokens = 0, documents = 0, bytes = 0;
  ByteSource byte_source = ByteSource::kTokenizer;
  int64_t leading_tokens = 0;   ///< before the first document
  int64_t empty_documents = 0;  ///< of the beginning token alone
  TextIdentity identity = {};
  LengthSummary tokens_each = {}, bytes_each = {};
  bool counts_duplicates = false;
  std::vector<DuplicateGroup> duplicates = {};  ///< in order of their first documents
};

/// A document of the audited set and one of the other set that have text in common.
struct SharedDocument {
  DocumentPlace data = {}, other = {};
  int64_t tokens = 0;  ///< of the audited document
  bool exact = false;  ///< the same tokens from the first to the last
  double share = 1;    ///< of the audited document's different 13-grams, that the other one has too
};

/// Something that a reader should know.
struct AuditFinding {
  std::string id;     ///< "shared-documents"; never changes its meaning
  std::string level;  ///< "error": the data is wrong for a score; "warning": look at it; "info"
  std::string text;   ///< one line, with the places
};

struct DataAuditOptions {
  double near_share = 0.5;      ///< SharedDocument::share from which a document counts as nearly shared
  bool all_duplicates = false;  ///< look for duplicates in the larger set too: 40 bytes a document of it
  int threads = 0;              ///< 0: one per processor; never changes the result
  ProgressSink progress = {};
};

struct DataAudit {
  AuditedSet data = {};
  std::optional<AuditedSet> against = {};
  /// In the order of `data`'s documents, then of the others.
  std::vector<SharedDocument> shared = {};
  int64_t exact_documents = 0;  ///< of `data`: with an exact copy
  int64_t near_documents = 0;   ///< of `data`: without one, but with a near one
  int64_t shared_tokens = 0;    ///< of both
  /// Of the documents that each set has once and both have: how many, and the most of them that stand in the
  /// same order in both.
  int64_t order_compared = 0, order_kept = 0;
  uint64_t index_bytes = 0;  ///< memory that the smaller set took
  std::vector<AuditFinding> findings = {};

  bool has_errors() const;
};

/// Reads one set of shards, or two and looks for documents that both hold. The set with fewer tokens is kept
/// as an index: 40 bytes a document, 8 bytes for each 13-gram of short documents and for every eighth of
/// longer ones. The other set is read once, a few million tokens at a time. Every reported pair was compared
/// token by token (exact) or by all of its 13-grams (near): none is a guess. A near document is missed when
/// the sampled 13-grams show less than a third of `near_share`: at a threshold of 0.5 or more with a
/// probability below one in a thousand. Documents of fewer than 13 tokens are not compared: they
/// agree by chance.
/// @param data   token shards: a glob, a file, or a folder of validation shards
/// @param other  the same, or a folder of training shards; empty: one set alone
/// @throws Error naming the file: malformed shards, tokens outside the vocabulary; kMismatch when the
/// tokenizer has no piece that begins documents; kInvalidArgument for a threshold outside (0, 1]
DataAudit audit_data(const std::string& data, const std::string& other, const Tokenizer& tokenizer,
                     const KnownData& known, const DataAuditOptions& options);
Json to_json(const DataAudit& audit);

}  // namespace golf
