#include "audit/audited_documents.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <numeric>

#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"
#include "golf/artifact/base/parallel_for.h"
#include "golf/artifact/base/text.h"
#include "golf/artifact/text/byte_count_check.h"
#include "golf/artifact/text/token_bytes.h"
#include "golf/audit/shingle_index.h"

namespace golf {
namespace {

constexpr size_t kBatchTokens = size_t{1} << 21;
constexpr size_t kCountedLengths = size_t{1} << 20;  // longer documents count as this long for the median

uint16_t document_start_of(const Tokenizer& tokenizer) {
  if (tokenizer.document_start) return *tokenizer.document_start;
  fail(ErrorCode::kMismatch,
       fmt::format("{}: has no control piece <s>, which begins documents: an audit needs to know where they "
                   "begin",
                   display_name(tokenizer.file.path)));
}

void count_length(std::vector<int64_t>& counts, int64_t length) {
  const size_t slot = std::min(static_cast<size_t>(length), kCountedLengths);
  if (counts.size() <= slot) counts.resize(std::max(slot + 1, counts.size() * 2));
  ++counts[slot];
}

void add_length(LengthSummary& summary, int64_t documents, int64_t length) {
  summary.least = documents == 0 ? length : std::min(summary.least, length);
  summary.most = std::max(summary.most, length);
}

int64_t median_of(const std::vector<int64_t>& counts, int64_t documents) {
  int64_t below = 0;
  for (size_t length = 0; length < counts.size(); ++length) {
    below += counts[length];
    if (2 * below >= documents) return static_cast<int64_t>(length);
  }
  return 0;
}

/// The shards, all of which are there: opening one that is not would be an error of the system.
std::vector<ShardFiles> present_shards(const std::string& where, std::string_view in_folder) {
  std::vector<ShardFiles> shards = find_shards(where, in_folder);
  for (const ShardFiles& shard : shards) {
    std::error_code ignored;
    if (std::filesystem::exists(shard.path, ignored)) continue;
    fail(ErrorCode::kInvalidArgument, fmt::format("{}: no such file", display_name(shard.path)));
  }
  return shards;
}

/// The number at the end of a shard's name, and what stands before it; −1: it has none.
std::pair<std::string, int64_t> number_in_name(const std::string& path) {
  const std::string stem = std::filesystem::path(path).stem().string();
  const size_t first = stem.find_last_not_of("0123456789") + 1;
  int64_t number = -1;
  const auto [end, error] = std::from_chars(stem.data() + first, stem.data() + stem.size(), number);
  return {stem.substr(0, first), error == std::errc{} ? number : -1};
}

void check_numbers(const AuditedSet& set, std::vector<AuditFinding>& findings) {
  for (size_t i = 1; i < set.shards.size(); ++i) {
    const auto [before, number] = number_in_name(set.shards[i - 1].path);
    const auto [after, next] = number_in_name(set.shards[i].path);
    if (number < 0 || before != after || next <= number + 1) continue;
    findings.push_back(
        {"missing-shards", "warning",
         fmt::format("{}: between {} and {} {} missing", printable(set.source),
                     display_name(set.shards[i - 1].path), display_name(set.shards[i].path),
                     next == number + 2 ? "one shard is" : fmt::format("{} shards are", next - number - 1))});
  }
}

/// A set that is by its name validation text, and shorter than the published split of its tokenizer.
void check_whole(const AuditedSet& set, const Tokenizer& tokenizer, const KnownData& known,
                 std::vector<AuditFinding>& findings) {
  const bool by_name = std::any_of(set.shards.begin(), set.shards.end(), [](const AuditedSet::Shard& shard) {
    return std::filesystem::path(shard.path).filename().string().find("_val") != std::string::npos;
  });
  if (!by_name || set.identity.kind == TextIdentity::Kind::kWhole || set.identity.tokenizer.empty()) return;
  for (const KnownText& text : known.texts) {
    if (text.role != "validation" || text.tokenizer != set.identity.tokenizer) continue;
    if (text.pieces != tokenizer.pieces() || set.tokens > text.targets) continue;
    findings.push_back(
        {"cut-validation", "warning",
         fmt::format("{}: {} tokens in {} documents, {} has {} in {} documents", printable(set.source),
                     set.tokens, set.documents, text.name, text.targets, text.documents)});
    return;
  }
}

}  // namespace

SetPass::SetPass(const std::string& where, std::string_view in_folder, const Tokenizer& tokenizer)
    : where_(where),
      tokenizer_(tokenizer),
      files_(present_shards(where, in_folder)),
      stream_(files_, tokenizer.bytes.size(), document_start_of(tokenizer)) {
  set_.source = where;
  for (size_t i = 0; i < files_.size(); ++i) {
    set_.shards.push_back(
        {files_[i].path, static_cast<int64_t>(stream_.shards()[i].size()), 0, files_[i].sidecar});
  }
  set_.tokens = static_cast<int64_t>(tokens());
  if (stream_.has_bytes()) set_.byte_source = ByteSource::kSidecar;
}

int64_t SetPass::bytes_of(const DocumentBatch& batch, size_t document) const {
  if (stream_.has_bytes()) {
    const auto bytes = batch.bytes_of(document);
    return std::accumulate(bytes.begin(), bytes.end(), int64_t{0});
  }
  if (tokenizer_.bytes.space_bytes[0] < 0) return count_bytes(tokenizer_.bytes, batch.document(document));
  const std::vector<uint16_t> bytes = bytes_of_tokens(tokenizer_.bytes, batch.document(document));
  return std::accumulate(bytes.begin(), bytes.end(), int64_t{0});
}

void SetPass::read(const DataAuditOptions& options, const std::function<void(size_t)>& batch_documents,
                   const std::function<void(size_t, const DocumentView&)>& work,
                   const std::function<void(size_t, const DocumentView&)>& collect) {
  Progress progress;
  progress.stage = "read " + printable(where_);
  progress.total = tokens();
  progress.unit = "tokens";
  DocumentBatch batch;
  std::vector<DocumentView> views;
  std::vector<int64_t> bytes, on_boundaries;
  while (stream_.read(batch, kBatchTokens)) {
    const size_t count = batch.size();
    views.assign(count, {});
    bytes.assign(count, 0);
    on_boundaries.assign(count, 0);
    batch_documents(count);
    parallel_for(count, options.threads, [&](size_t i) {
      const auto tokens = batch.document(i);
      views[i] = {batch.places[i], tokens, tokens.subspan(1), document_hash(tokens.subspan(1))};
      bytes[i] = bytes_of(batch, i);
      for (size_t t = 0; stream_.has_bytes() && t < tokens.size(); ++t) {
        if (tokenizer_.bytes.is_boundary[tokens[t]] != 0 && batch.bytes_of(i)[t] != 0) ++on_boundaries[i];
      }
      work(i, views[i]);
    });
    for (size_t i = 0; i < count; ++i) {
      const auto length = std::ssize(views[i].text);
      add_length(set_.tokens_each, set_.documents, length);
      add_length(set_.bytes_each, set_.documents, bytes[i]);
      count_length(token_lengths_, length);
      count_length(byte_lengths_, bytes[i]);
      set_.bytes += bytes[i];
      if (length == 0) ++set_.empty_documents;
      if (on_boundaries[i] > 0 && first_boundary_ < 0) first_boundary_ = views[i].place.number;
      bytes_on_boundaries_ += on_boundaries[i];
      ++set_.shards[static_cast<size_t>(views[i].place.shard)].documents;
      ++set_.documents;
      collect(i, views[i]);
    }
    const auto last = views.back().tokens;
    tail_.assign(last.begin(), last.end());
    tail_place_ = views.back().place;
    progress.done += batch.tokens.size();
    if (options.progress) options.progress(progress);
  }
}

void SetPass::check_sidecars(std::vector<AuditFinding>& findings) const {
  const auto missing = std::count_if(files_.begin(), files_.end(),
                                     [](const ShardFiles& shard) { return shard.sidecar.empty(); });
  if (missing > 0 && missing < std::ssize(files_)) {
    findings.push_back(
        {"missing-sidecars", "warning",
         fmt::format("{}: {} of {} shards have no byte sidecar", printable(where_), missing, files_.size())});
  }
  for (const int64_t shard : stream_.unusable_sidecars()) {
    const ShardFiles& files = files_[static_cast<size_t>(shard)];
    findings.push_back(
        {"sidecar-length", "error",
         fmt::format("{}: is no sidecar with {} numbers, as many as {} has tokens",
                     display_name(files.sidecar), stream_.shards()[static_cast<size_t>(shard)].size(),
                     display_name(files.path))});
  }
  if (bytes_on_boundaries_ > 0) {
    findings.push_back(
        {"sidecar-control", "error",
         fmt::format("{}: the sidecars give bytes to {} control pieces, the first in document {}",
                     printable(where_), bytes_on_boundaries_, first_boundary_)});
  }
}

AuditedSet SetPass::take(const KnownData& known, std::vector<AuditFinding>& findings) {
  const double documents = static_cast<double>(std::max<int64_t>(set_.documents, 1));
  set_.leading_tokens = static_cast<int64_t>(stream_.leading_tokens());
  set_.tokens_each.median = median_of(token_lengths_, set_.documents);
  set_.bytes_each.median = median_of(byte_lengths_, set_.documents);
  set_.tokens_each.mean = static_cast<double>(set_.tokens - set_.leading_tokens - set_.documents) / documents;
  set_.bytes_each.mean = static_cast<double>(set_.bytes) / documents;

  TokenizedText text;
  for (const AuditedSet::Shard& shard : set_.shards) {
    text.shards.push_back({.file = {shard.path, 0, {}}, .tokens = shard.tokens});
  }
  text.read = {.tokens = set_.tokens, .documents = set_.documents, .bytes = set_.bytes};
  set_.identity = identify_text(text, tokenizer_, known, set_.tokens);

  check_numbers(set_, findings);
  check_whole(set_, tokenizer_, known, findings);
  check_sidecars(findings);
  if (set_.leading_tokens > 0) {
    findings.push_back({"begins-inside-document", "info",
                        fmt::format("{}: the first {} tokens belong to a document that begins elsewhere",
                                    printable(where_), set_.leading_tokens)});
  }
  if (set_.empty_documents > 0) {
    findings.push_back({"empty-documents", "info",
                        fmt::format("{}: {} documents are empty", printable(where_), set_.empty_documents)});
  }
  if (tail_.size() > 1) {
    DocumentDecoder decoder(tokenizer_.vocab);
    for (size_t i = 1; i < tail_.size(); ++i) decoder.append(tail_[i]);
    if (decoder.is_inside_character()) {
      findings.push_back(
          {"ends-inside-character", "warning",
           fmt::format("{}: the last document ends inside a character: it is cut", printable(where_))});
    }
  }
  return set_;
}

std::string place_text(const AuditedSet& set, const DocumentPlace& place) {
  return fmt::format("document {} ({}, token {})", place.number,
                     display_name(set.shards[static_cast<size_t>(place.shard)].path), place.position);
}

std::vector<std::vector<size_t>> equal_documents(const std::vector<KnownDocument>& documents,
                                                 const std::vector<TokenShardFile>& shards) {
  std::vector<size_t> order(documents.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return documents[a].hash != documents[b].hash ? documents[a].hash < documents[b].hash : a < b;
  });
  std::vector<std::vector<size_t>> groups;
  for (size_t i = 0; i < order.size();) {
    const size_t from = i;
    while (i < order.size() && documents[order[i]].hash == documents[order[from]].hash) ++i;
    // Hashes of hostile texts may agree where the texts do not: each is compared with the first.
    const KnownDocument& first = documents[order[from]];
    if (i - from < 2 || first.tokens <= kShingleTokens) continue;  // short ones are alike by chance
    const std::vector<uint16_t> tokens = read_document(shards, first.place, first.tokens);
    std::vector<size_t> group = {order[from]};
    for (size_t j = from + 1; j < i; ++j) {
      const KnownDocument& other = documents[order[j]];
      if (other.tokens == first.tokens && read_document(shards, other.place, other.tokens) == tokens) {
        group.push_back(order[j]);
      }
    }
    if (group.size() > 1) groups.push_back(std::move(group));
  }
  std::sort(groups.begin(), groups.end());
  return groups;
}

}  // namespace golf
