#include "adapt/document_schedule.h"

#include <fmt/format.h>

#include <algorithm>

#include "golf/artifact/base/error.h"

namespace golf {
namespace {

constexpr int64_t kBlocks = 8;

int64_t block_of(int64_t places, int64_t place) { return place / ((places + kBlocks - 1) / kBlocks); }

void check_chunk(int64_t chunk, int64_t context) {
  if (chunk <= context) return;
  fail(
      ErrorCode::kInvalidArgument,
      fmt::format("adapt.low_rank.documents: a chunk of {} tokens is longer than the evaluation length of {}",
                  chunk, context));
}

}  // namespace

DocumentSchedule::DocumentSchedule(std::span<const uint16_t> tokens, std::optional<uint16_t> document_start,
                                   const DocumentPlanConfig& config)
    : config_(config) {
  check_chunk(config.chunk_tokens, config.context);
  for (const ChunkLengthRule& rule : config.chunk_by_length) check_chunk(rule.chunk, config.context);
  if (!document_start) {
    fail(ErrorCode::kInvalidArgument,
         "adapt.low_rank: the text's tokenizer has no token that begins a document: documents are not known");
  }
  documents_ = find_documents(tokens, *document_start);
  if (documents_.empty()) {
    fail(ErrorCode::kMismatch,
         fmt::format("adapt.low_rank: no document begins in the text: token {} is not in it",
                     *document_start));
  }
  groups_ = group_documents(documents_, config);
  for (size_t group = 0; group < groups_.size(); ++group) {
    const auto index = static_cast<int64_t>(group);
    const int64_t count = chunks_of(document(index, places(index) - 1), groups_[group].chunk);
    for (int64_t i = 0; i < count; ++i) chunks_.push_back({index, i, i + 1 == count});
  }
}

const Document& DocumentSchedule::document(int64_t group, int64_t place) const {
  const auto& places = groups_[static_cast<size_t>(group)].documents;
  return documents_[static_cast<size_t>(places[static_cast<size_t>(place)])];
}

int64_t DocumentSchedule::owner(int64_t places, int64_t place, int64_t processes) {
  return block_of(places, place) % processes;
}

std::vector<DocumentPart> DocumentSchedule::parts(const Chunk& chunk, int64_t part_tokens) const {
  const int64_t size = groups_[static_cast<size_t>(chunk.group)].chunk, all = places(chunk.group);
  std::vector<DocumentPart> parts;
  for (int64_t place = 0; place < all; ++place) {
    const Document& each = document(chunk.group, place);
    const int64_t count = chunks_of(each, size);
    if (chunk.index >= count) continue;
    const Window window = chunk_window(each, chunk.index, size, config_.context);
    const bool has_more = chunk.index + 1 < count;
    // Last chunks differ in length, all others have one shape.
    const bool joins = has_more && !parts.empty() && parts.back().has_more &&
                       (parts.back().size() + 1) * window.length <= part_tokens &&
                       block_of(all, parts.back().first_place) == block_of(all, place);
    if (!joins) parts.push_back({.first_place = place, .has_more = has_more});
    parts.back().windows.push_back(window);
  }
  return parts;
}

int64_t DocumentSchedule::windows() const {
  int64_t count = 0;
  for (const DocumentGroup& group : groups_) {
    for (const int64_t i : group.documents)
      count += chunks_of(documents_[static_cast<size_t>(i)], group.chunk);
  }
  return count;
}

Coverage DocumentSchedule::coverage(int64_t targets) const {
  Coverage coverage{.first_target = documents_.front().first};
  for (const Document& each : documents_) coverage.scored += each.predictions();
  coverage.distinct = coverage.scored;
  coverage.unscored_head = coverage.first_target;
  coverage.unscored_others = targets - coverage.first_target - coverage.scored;
  return coverage;
}

}  // namespace golf
