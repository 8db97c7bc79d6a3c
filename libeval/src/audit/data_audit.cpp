#include "golf/audit/data_audit.h"

#include <fmt/format.h>

#include <algorithm>

#include "audit/audited_documents.h"
#include "golf/artifact/base/error.h"
#include "golf/artifact/base/text.h"
#include "golf/audit/shingle_index.h"

namespace golf {
namespace {

constexpr size_t kShortestTail = kShingleTokens;  // fewer tokens begin many documents by chance
/// Candidates are compared when the sample shows this part of the wanted share.
constexpr double kCandidateMargin = 1.0 / 3;

/// The smaller set, ready to be asked.
struct KnownSet {
  std::vector<KnownDocument> documents = {};
  std::vector<std::pair<uint64_t, uint32_t>> by_hash = {};
  ShingleIndex shingles = {};
  std::vector<std::vector<size_t>> equal = {};
};

KnownSet learn(SetPass& pass, const DataAuditOptions& options, bool with_shingles) {
  KnownSet known;
  std::vector<std::vector<uint64_t>> shingles;
  pass.read(
      options, [&](size_t count) { shingles.assign(count, {}); },
      [&](size_t i, const DocumentView& document) {
        if (with_shingles) shingles[i] = shingles_of(document.text);
      },
      [&](size_t i, const DocumentView& document) {
        if (with_shingles && std::ssize(known.documents) == ShingleIndex::kMostDocuments) {
          fail(ErrorCode::kUnsupported,
               fmt::format("the smaller set has more than {} documents: give fewer of its shards",
                           ShingleIndex::kMostDocuments));
        }
        known.documents.push_back({document.place, document.hash,
                                   static_cast<uint32_t>(document.tokens.size()),
                                   static_cast<uint32_t>(shingles[i].size())});
        if (with_shingles) known.shingles.add(shingles[i]);
      });
  if (with_shingles) {
    known.shingles.finish();
    for (size_t i = 0; i < known.documents.size(); ++i) {
      known.by_hash.emplace_back(known.documents[i].hash, static_cast<uint32_t>(i));
    }
    std::sort(known.by_hash.begin(), known.by_hash.end());
  }
  known.equal = equal_documents(known.documents, pass.shards());
  return known;
}

/// Compares documents of the larger set with the smaller one.
class Comparison {
 public:
  /// @param data_is_known  the audited set is the smaller one
  Comparison(const KnownSet& known, const std::vector<TokenShardFile>& shards, bool data_is_known,
             const DataAuditOptions& options)
      : known_(known), shards_(shards), data_is_known_(data_is_known), near_share_(options.near_share) {}

  std::vector<SharedDocument> compare(const DocumentView& document) const {
    std::vector<SharedDocument> found;
    if (document.text.size() < kShingleTokens) return found;  // says nothing: many are alike
    std::vector<size_t> exact;
    const auto first =
        std::lower_bound(known_.by_hash.begin(), known_.by_hash.end(), std::pair(document.hash, uint32_t{0}));
    for (auto it = first; it != known_.by_hash.end() && it->first == document.hash; ++it) {
      const KnownDocument& other = known_.documents[it->second];
      if (other.tokens != document.tokens.size()) continue;
      const std::vector<uint16_t> tokens = read_document(shards_, other.place, other.tokens);
      if (!std::equal(tokens.begin(), tokens.end(), document.tokens.begin())) continue;
      exact.push_back(it->second);
      found.push_back(pair_of(other, document, /*exact=*/true, 1));
    }
    const std::vector<ShingleIndex::Candidate> candidates = known_.shingles.candidates(document.text);
    if (candidates.empty()) return found;
    const std::vector<uint64_t> own = shingles_of(document.text);
    for (const ShingleIndex::Candidate& candidate : candidates) {
      const auto index = static_cast<size_t>(candidate.document);
      const KnownDocument& other = known_.documents[index];
      const auto wanted = near_share_ * static_cast<double>(data_is_known_ ? other.shingles : own.size());
      if (static_cast<double>(candidate.shared) < kCandidateMargin * wanted) continue;
      if (std::binary_search(exact.begin(), exact.end(), index)) continue;
      const std::vector<uint16_t> tokens = read_document(shards_, other.place, other.tokens);
      const std::vector<uint64_t> theirs = shingles_of(std::span(tokens).subspan(1));
      const auto of = static_cast<double>(data_is_known_ ? theirs.size() : own.size());
      const double share = static_cast<double>(shared_shingles(own, theirs)) / of;
      if (share >= near_share_) found.push_back(pair_of(other, document, /*exact=*/false, share));
    }
    return found;
  }

 private:
  SharedDocument pair_of(const KnownDocument& known, const DocumentView& document, bool exact,
                         double share) const {
    const size_t tokens = data_is_known_ ? known.tokens : document.tokens.size();
    return {.data = data_is_known_ ? known.place : document.place,
            .other = data_is_known_ ? document.place : known.place,
            .tokens = static_cast<int64_t>(tokens) - 1,
            .exact = exact,
            .share = share};
  }

  const KnownSet& known_;
  const std::vector<TokenShardFile>& shards_;
  bool data_is_known_;
  double near_share_;
};

/// Whether `tokens` is a longer document that begins with all of `tail`.
bool continues(std::span<const uint16_t> tail, std::span<const uint16_t> tokens) {
  return tail.size() > kShortestTail && tokens.size() > tail.size() &&
         std::equal(tail.begin(), tail.end(), tokens.begin());
}

/// A document of another set that goes on where the last document of a set ends.
struct Continuation {
  DocumentPlace place = {};
  size_t tokens = 0;
};

void add_tail_finding(const AuditedSet& cut, const SetPass& pass, const AuditedSet& other,
                      const std::optional<Continuation>& found, std::vector<AuditFinding>& findings) {
  if (!found) return;
  findings.push_back(
      {"truncated-tail", "warning",
       fmt::format("{}: the last one, {}, is the first {} tokens of the {} of {}", printable(cut.source),
                   place_text(cut, pass.tail_place()), pass.tail().size() - 1, found->tokens - 1,
                   place_text(other, found->place))});
}

std::vector<DuplicateGroup> groups_of(const std::vector<std::vector<size_t>>& equal,
                                      const std::vector<KnownDocument>& documents) {
  std::vector<DuplicateGroup> groups;
  for (const std::vector<size_t>& indices : equal) {
    DuplicateGroup group{.tokens = int64_t{documents[indices[0]].tokens} - 1};
    for (const size_t index : indices) group.places.push_back(documents[index].place);
    groups.push_back(std::move(group));
  }
  return groups;
}

void add_duplicate_finding(const AuditedSet& set, std::vector<AuditFinding>& findings) {
  if (set.duplicates.empty()) return;
  int64_t copies = 0;
  for (const DuplicateGroup& group : set.duplicates) copies += std::ssize(group.places) - 1;
  findings.push_back({"duplicate-documents", "info",
                      fmt::format("{}: {} documents repeat an earlier one; the first is {}, again as {}",
                                  printable(set.source), copies, place_text(set, set.duplicates[0].places[0]),
                                  place_text(set, set.duplicates[0].places[1]))});
}

/// Sorts the pairs and counts what they come to.
void summarize(DataAudit& audit) {
  auto& shared = audit.shared;
  std::sort(shared.begin(), shared.end(), [](const SharedDocument& a, const SharedDocument& b) {
    return std::pair(a.data.number, a.other.number) < std::pair(b.data.number, b.other.number);
  });
  std::vector<int64_t> partners;  // of exact pairs: the other document
  std::vector<std::pair<int64_t, int64_t>> singles;
  for (size_t i = 0; i < shared.size();) {
    const size_t from = i;
    bool exact = false;
    int64_t copies = 0;
    for (; i < shared.size() && shared[i].data.number == shared[from].data.number; ++i) {
      exact |= shared[i].exact;
      if (!shared[i].exact) continue;
      ++copies;
      partners.push_back(shared[i].other.number);
      singles.emplace_back(shared[i].data.number, shared[i].other.number);
    }
    if (copies > 1) singles.resize(singles.size() - static_cast<size_t>(copies));
    ++(exact ? audit.exact_documents : audit.near_documents);
    audit.shared_tokens += shared[from].tokens;
  }
  std::sort(partners.begin(), partners.end());
  std::vector<int64_t> ends;  // ends[n]: the least last partner of n + 1 documents in order
  for (const auto& [data, other] : singles) {
    const auto [first, end] = std::equal_range(partners.begin(), partners.end(), other);
    if (end - first != 1) continue;
    ++audit.order_compared;
    const auto place = std::lower_bound(ends.begin(), ends.end(), other);
    if (place == ends.end()) {
      ends.push_back(other);
    } else {
      *place = other;
    }
  }
  audit.order_kept = std::ssize(ends);
}

void add_shared_findings(DataAudit& audit) {
  const AuditedSet& data = audit.data;
  const AuditedSet& against = *audit.against;
  const auto first = [&](bool exact) {
    const auto pair = std::find_if(audit.shared.begin(), audit.shared.end(),
                                   [&](const SharedDocument& each) { return each.exact == exact; });
    return fmt::format("{} and {}", place_text(data, pair->data), place_text(against, pair->other));
  };
  if (audit.exact_documents > 0) {
    audit.findings.push_back(
        {"shared-documents", "error",
         fmt::format("{} of the {} documents of {} are in {} too; the first: {}", audit.exact_documents,
                     data.documents, printable(data.source), printable(against.source), first(true))});
  }
  if (audit.near_documents > 0) {
    audit.findings.push_back(
        {"near-documents", "warning",
         fmt::format("{} further documents of {} are nearly in {}; the first: {}", audit.near_documents,
                     printable(data.source), printable(against.source), first(false))});
  }
  if (audit.order_kept < audit.order_compared) {
    audit.findings.push_back(
        {"reordered", "info",
         fmt::format("of {} documents that both sets have once, at most {} stand in the same order",
                     audit.order_compared, audit.order_kept)});
  }
}

/// One set alone.
DataAudit audit_one(SetPass& pass, const KnownData& known, const DataAuditOptions& options) {
  DataAudit audit;
  const KnownSet learned = learn(pass, options, /*with_shingles=*/false);
  audit.data = pass.take(known, audit.findings);
  audit.data.counts_duplicates = true;
  audit.data.duplicates = groups_of(learned.equal, learned.documents);
  audit.index_bytes = learned.documents.size() * sizeof(KnownDocument);
  add_duplicate_finding(audit.data, audit.findings);
  return audit;
}

}  // namespace

bool DataAudit::has_errors() const {
  return std::any_of(findings.begin(), findings.end(),
                     [](const auto& each) { return each.level == "error"; });
}

DataAudit audit_data(const std::string& data, const std::string& other, const Tokenizer& tokenizer,
                     const KnownData& known, const DataAuditOptions& options) {
  if (!(options.near_share > 0 && options.near_share <= 1)) {
    fail(ErrorCode::kInvalidArgument, fmt::format("share {}: over 0 and at most 1", options.near_share));
  }
  SetPass data_pass(data, kValidationShards, tokenizer);
  if (other.empty()) return audit_one(data_pass, known, options);
  SetPass other_pass(other, kTrainingShards, tokenizer);
  const bool data_is_known = data_pass.tokens() <= other_pass.tokens();
  SetPass& small = data_is_known ? data_pass : other_pass;
  SetPass& large = data_is_known ? other_pass : data_pass;

  const KnownSet learned = learn(small, options, /*with_shingles=*/true);
  const Comparison comparison(learned, small.shards(), data_is_known, options);
  DataAudit audit;
  std::vector<std::vector<SharedDocument>> found;
  std::vector<KnownDocument> large_documents;
  std::optional<Continuation> after_small, after_large;
  large.read(
      options, [&](size_t count) { found.assign(count, {}); },
      [&](size_t i, const DocumentView& document) { found[i] = comparison.compare(document); },
      [&](size_t i, const DocumentView& document) {
        audit.shared.insert(audit.shared.end(), found[i].begin(), found[i].end());
        if (options.all_duplicates) {
          large_documents.push_back(
              {document.place, document.hash, static_cast<uint32_t>(document.tokens.size())});
        }
        if (!after_small && continues(small.tail(), document.tokens)) {
          after_small = Continuation{document.place, document.tokens.size()};
        }
      });
  for (const KnownDocument& document : learned.documents) {
    if (after_large || document.tokens <= large.tail().size()) continue;
    const std::vector<uint16_t> tokens = read_document(small.shards(), document.place, document.tokens);
    if (continues(large.tail(), tokens)) after_large = Continuation{document.place, tokens.size()};
  }

  AuditedSet small_set = small.take(known, audit.findings);
  small_set.counts_duplicates = true;
  small_set.duplicates = groups_of(learned.equal, learned.documents);
  AuditedSet large_set = large.take(known, audit.findings);
  large_set.counts_duplicates = options.all_duplicates;
  large_set.duplicates = groups_of(equal_documents(large_documents, large.shards()), large_documents);
  add_tail_finding(small_set, small, large_set, after_small, audit.findings);
  add_tail_finding(large_set, large, small_set, after_large, audit.findings);
  add_duplicate_finding(small_set, audit.findings);
  add_duplicate_finding(large_set, audit.findings);
  audit.data = data_is_known ? std::move(small_set) : std::move(large_set);
  audit.against = data_is_known ? std::move(large_set) : std::move(small_set);
  audit.index_bytes = learned.documents.size() * sizeof(KnownDocument) +
                      learned.by_hash.size() * sizeof(learned.by_hash[0]) + learned.shingles.bytes();
  summarize(audit);
  add_shared_findings(audit);
  return audit;
}

}  // namespace golf
