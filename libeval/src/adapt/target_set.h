#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>

#include "golf/score/token_scores.h"

namespace golf {

/// Targets, kept as ranges that do not touch.
class TargetSet {
 public:
  /// The first target of `range` that is in the set.
  std::optional<int64_t> first_in(const ScoreSegment& range) const {
    const int64_t end = range.first_target + range.count;
    auto next = ranges_.upper_bound(range.first_target);
    if (next != ranges_.begin() && std::prev(next)->second > range.first_target) return range.first_target;
    if (next != ranges_.end() && next->first < end) return next->first;
    return std::nullopt;
  }
  /// The first target of `range` that is not in the set.
  std::optional<int64_t> first_missing(const ScoreSegment& range) const {
    const int64_t end = range.first_target + range.count;
    const auto next = ranges_.upper_bound(range.first_target);
    if (next == ranges_.begin()) return range.first_target;
    const int64_t covered = std::max(std::prev(next)->second, range.first_target);
    if (covered < end) return covered;
    return std::nullopt;
  }
  void add(const ScoreSegment& range) {
    int64_t first = range.first_target, end = range.first_target + range.count;
    auto at = ranges_.upper_bound(first);
    if (at != ranges_.begin() && std::prev(at)->second >= first) --at;
    while (at != ranges_.end() && at->first <= end) {
      first = std::min(first, at->first);
      end = std::max(end, at->second);
      at = ranges_.erase(at);
    }
    ranges_.emplace(first, end);
  }
  /// One more than the largest target; 0 for none.
  int64_t end() const { return ranges_.empty() ? 0 : ranges_.rbegin()->second; }

 private:
  std::map<int64_t, int64_t> ranges_;  ///< first → end
};

}  // namespace golf
