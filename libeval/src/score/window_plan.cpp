#include "golf/score/window_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>

#include "golf/artifact/base/error.h"

namespace golf {
namespace {

constexpr std::array<std::string_view, 5> kPolicyNames = {"once", "pr88", "pr192", "pr262", "pr993"};

int64_t ceil_div(int64_t a, int64_t b) { return (a + b - 1) / b; }

void check(bool condition, const std::string& message) {
  if (!condition) fail(ErrorCode::kInvalidArgument, message);
}

}  // namespace

std::string_view policy_name(WindowPolicy policy) { return kPolicyNames[static_cast<size_t>(policy)]; }

std::span<const std::string_view> policy_names() { return kPolicyNames; }

WindowPolicy parse_window_policy(std::string_view name) {
  const auto* found = std::find(kPolicyNames.begin(), kPolicyNames.end(), name);
  check(found != kPolicyNames.end(),
        fmt::format("window policy \"{}\" is not one of: {}", name, fmt::join(kPolicyNames, ", ")));
  return static_cast<WindowPolicy>(found - kPolicyNames.begin());
}

WindowPlan::WindowPlan(int64_t targets, int64_t seq_len, int64_t stride, int64_t count, Scores scores)
    : targets_(targets), seq_len_(seq_len), stride_(stride), count_(count), scores_(scores) {
  check(count > 0,
        fmt::format("{} targets do not fill one window of {} with stride {}: give more tokens or a smaller "
                    "sequence length",
                    targets, seq_len, stride));
}

WindowPlan WindowPlan::standard(int64_t targets, int64_t seq_len, bool include_tail) {
  check(seq_len >= 1, fmt::format("sequence length {}: must be at least 1 token", seq_len));
  const int64_t count = include_tail ? ceil_div(targets, seq_len) : targets / seq_len;
  return {targets, seq_len, seq_len, count, Scores::kAll};
}

WindowPlan WindowPlan::sliding(int64_t targets, int64_t seq_len, int64_t stride, WindowPolicy policy) {
  check(seq_len >= 1, fmt::format("sequence length {}: must be at least 1 token", seq_len));
  check(stride >= 1 && stride <= seq_len,
        fmt::format("stride {}: must lie between 1 and the sequence length {}", stride, seq_len));
  check(targets >= 1, "no targets: an evaluation needs at least 2 tokens");
  switch (policy) {
    case WindowPolicy::kOnce: {
      const int64_t beyond_first = std::max<int64_t>(targets - seq_len, 0);
      return {targets, seq_len, stride, 1 + ceil_div(beyond_first, stride), Scores::kNew};
    }
    case WindowPolicy::kPr88: {
      const int64_t count = targets < seq_len ? 0 : (targets - seq_len) / stride + 1;
      return {targets, seq_len, stride, count, Scores::kLastAlways};
    }
    case WindowPolicy::kPr192:
      return {targets, seq_len, stride, targets / stride, Scores::kLast};
    case WindowPolicy::kPr262:
    case WindowPolicy::kPr993:
      return {targets, seq_len, stride, ceil_div(targets, stride), Scores::kLast};
  }
  fail(ErrorCode::kInvalidArgument, "unknown window policy");
}

Window WindowPlan::operator[](int64_t index) const {
  const int64_t start = index * stride_;
  const int64_t length = std::min(seq_len_, targets_ - start);
  const bool all = scores_ == Scores::kAll || (index == 0 && scores_ != Scores::kLastAlways);
  if (all) return {start, length, 0};
  const int64_t full = scores_ == Scores::kNew ? seq_len_ : length;
  return {start, length, std::max<int64_t>(full - stride_, 0)};
}

Coverage WindowPlan::coverage() const {
  Coverage coverage{.first_target = (*this)[0].first_target()};
  int64_t frontier = coverage.first_target;  // targets below it are done: scored ranges only move right
  for (int64_t i = 0; i < count_; ++i) {
    const Window window = (*this)[i];
    const int64_t end = window.start + window.length;
    coverage.scored += window.scored();
    coverage.distinct += std::max<int64_t>(end - std::max(frontier, window.first_target()), 0);
    frontier = std::max(frontier, end);
  }
  coverage.repeated = coverage.scored - coverage.distinct;
  coverage.unscored_head = coverage.first_target;
  coverage.unscored_others = targets_ - coverage.first_target - coverage.distinct;
  return coverage;
}

int64_t trimmed_targets(int64_t tokens, int64_t seq_len) {
  check(seq_len >= 1, fmt::format("sequence length {}: must be at least 1 token", seq_len));
  const int64_t sequences = tokens < 1 ? 0 : (tokens - 1) / seq_len;
  check(sequences > 0,
        fmt::format("{} tokens are fewer than one sequence of {} and its target: give more data or "
                    "a smaller sequence length",
                    tokens, seq_len));
  return sequences * seq_len;
}

}  // namespace golf
