#include "adapt/document_plan.h"

#include <algorithm>
#include <numeric>

namespace golf {
std::vector<Document> find_documents(std::span<const uint16_t> tokens, uint16_t document_start) {
  std::vector<Document> documents;
  const auto size = static_cast<int64_t>(tokens.size());
  int64_t first = -1;
  for (int64_t i = 0; i <= size; ++i) {
    const bool ends = i == size || tokens[static_cast<size_t>(i)] == document_start;
    if (!ends) continue;
    const int64_t length = std::min(i + 1, size) - first;
    if (first >= 0 && length > 1) documents.push_back({first, length});
    first = i;
  }
  return documents;
}

std::vector<DocumentGroup> group_documents(std::span<const Document> documents,
                                           const DocumentPlanConfig& config) {
  const auto length_of = [&](int64_t i) { return documents[static_cast<size_t>(i)].length; };
  std::vector<int64_t> order(documents.size());
  std::iota(order.begin(), order.end(), int64_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](int64_t a, int64_t b) { return length_of(a) < length_of(b); });
  std::vector<DocumentGroup> groups;
  const auto batch = static_cast<size_t>(config.batch_documents);
  for (size_t first = 0; first < order.size(); first += batch) {
    const size_t end = std::min(first + batch, order.size());
    DocumentGroup group{.sorted_index = static_cast<int64_t>(groups.size()), .chunk = config.chunk_tokens};
    group.documents.assign(order.begin() + static_cast<std::ptrdiff_t>(first),
                           order.begin() + static_cast<std::ptrdiff_t>(end));
    const auto rule = std::find_if(
        config.chunk_by_length.begin(), config.chunk_by_length.end(),
        [&](const ChunkLengthRule& each) { return each.max_length >= length_of(group.documents.back()); });
    if (rule != config.chunk_by_length.end()) group.chunk = rule->chunk;
    groups.push_back(std::move(group));
  }
  std::stable_sort(groups.begin(), groups.end(), [&](const DocumentGroup& a, const DocumentGroup& b) {
    return length_of(a.documents.back()) > length_of(b.documents.back());
  });
  return groups;
}

int64_t chunks_of(const Document& document, int64_t chunk) {
  return (document.predictions() + chunk - 1) / chunk;
}

Window chunk_window(const Document& document, int64_t index, int64_t chunk, int64_t context) {
  const int64_t end = std::min((index + 1) * chunk, document.predictions());
  const int64_t start = std::max<int64_t>(end - context, 0);
  return {.start = document.first + start, .length = end - start, .score_from = index * chunk - start};
}

}  // namespace golf
