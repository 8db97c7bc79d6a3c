#include "adapt/chunk_places.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace golf {

std::string target_place(const TextView& text, int64_t first_target, int64_t count) {
  const std::vector<int64_t> starts = text.document_starts();
  // Target t is token t + 1, and a document's number is how many begin at or before it.
  const auto document = [&](int64_t target) {
    return std::upper_bound(starts.begin(), starts.end(), target + 1) - starts.begin();
  };
  const int64_t last_target = first_target + count - 1;
  std::string place = fmt::format("targets {} to {}", first_target, last_target);
  const auto first = document(first_target), last = document(last_target);
  if (first == 0) return place;
  return place + (first == last ? fmt::format(", document {}", first)
                                : fmt::format(", documents {} to {}", first, last));
}

}  // namespace golf
