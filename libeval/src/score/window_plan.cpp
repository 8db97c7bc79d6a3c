#include "golf/score/window_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>

#include "golf/artifact/base/error.h"

namespace golf {
namespace {

int64_t ceil_div(int64_t a, int64_t b) { return (a + b - 1) / b; }

/// What a window scores that scores all, or in a policy what the first one does.
int64_t score_all(const SlidingLayout&, int64_t, int64_t) { return 0; }

/// What no full window before it reached, from T − S on.
int64_t score_new(const SlidingLayout& layout, int64_t index, int64_t) {
  return index == 0 ? 0 : layout.seq_len - layout.stride;
}

/// Its last S, or all that a window shorter than that has.
int64_t score_last(const SlidingLayout& layout, int64_t, int64_t length) {
  return std::max<int64_t>(length - layout.stride, 0);
}

int64_t score_last_but_first_all(const SlidingLayout& layout, int64_t index, int64_t length) {
  return index == 0 ? 0 : score_last(layout, index, length);
}

/// Until the end is reached: starts w with w + T − S < N, and 0.
int64_t windows_to_the_end(const SlidingLayout& of) {
  return 1 + ceil_div(std::max<int64_t>(of.targets - of.seq_len, 0), of.stride);
}

int64_t full_windows(const SlidingLayout& of) {
  return of.targets < of.seq_len ? 0 : (of.targets - of.seq_len) / of.stride + 1;
}

int64_t windows_of_a_stride(const SlidingLayout& of) { return of.targets / of.stride; }

int64_t windows_at_every_start(const SlidingLayout& of) { return ceil_div(of.targets, of.stride); }

/// To add a policy: its row here, and its functions above.
constexpr std::array kPolicies = {
    // Every target exactly once: the first window scores all, each other one what is new. PR 1493's rule.
    WindowPolicy{"once", windows_to_the_end, score_new},
    // Full windows only, each scores its last S: targets 0 … T−S−1 and a tail are never scored.
    WindowPolicy{"pr88", full_windows, score_last},
    // Windows of at least S: the first scores all, the others their last S, so that the last S targets count
    // once for each shortened window.
    WindowPolicy{"pr192", windows_of_a_stride, score_last_but_first_all},
    // As pr192 with every start below N: a last window shorter than S scores all it has.
    WindowPolicy{"pr262", windows_at_every_start, score_last_but_first_all},
    WindowPolicy{"pr993", windows_at_every_start, score_last_but_first_all},
};

constexpr auto kPolicyNames = [] {
  std::array<std::string_view, kPolicies.size()> names;
  std::transform(kPolicies.begin(), kPolicies.end(), names.begin(),
                 [](const WindowPolicy& policy) { return policy.name; });
  return names;
}();

void check(bool condition, const std::string& message) {
  if (!condition) fail(ErrorCode::kInvalidArgument, message);
}

}  // namespace

std::span<const std::string_view> policy_names() { return kPolicyNames; }

const WindowPolicy& window_policy(std::string_view name) {
  const auto found = std::find(kPolicyNames.begin(), kPolicyNames.end(), name);
  check(found != kPolicyNames.end(),
        fmt::format("window policy \"{}\" is not one of: {}", name, fmt::join(kPolicyNames, ", ")));
  return kPolicies[static_cast<size_t>(found - kPolicyNames.begin())];
}

WindowPlan::WindowPlan(const SlidingLayout& layout, int64_t count, ScoreFrom score_from)
    : layout_(layout), count_(count), score_from_(score_from) {
  check(count > 0,
        fmt::format("{} targets do not fill one window of {} with stride {}: give more tokens or a smaller "
                    "sequence length",
                    layout.targets, layout.seq_len, layout.stride));
}

WindowPlan WindowPlan::standard(int64_t targets, int64_t seq_len, bool include_tail) {
  check(seq_len >= 1, fmt::format("sequence length {}: must be at least 1 token", seq_len));
  const int64_t count = include_tail ? ceil_div(targets, seq_len) : targets / seq_len;
  return {{targets, seq_len, seq_len}, count, score_all};
}

WindowPlan WindowPlan::sliding(int64_t targets, int64_t seq_len, int64_t stride, const WindowPolicy& policy) {
  check(seq_len >= 1, fmt::format("sequence length {}: must be at least 1 token", seq_len));
  check(stride >= 1 && stride <= seq_len,
        fmt::format("stride {}: must lie between 1 and the sequence length {}", stride, seq_len));
  check(targets >= 1, "no targets: an evaluation needs at least 2 tokens");
  const SlidingLayout layout = {targets, seq_len, stride};
  return {layout, policy.windows(layout), policy.score_from};
}

Window WindowPlan::operator[](int64_t index) const {
  const int64_t start = index * layout_.stride;
  const int64_t length = std::min(layout_.seq_len, layout_.targets - start);
  return {start, length, score_from_(layout_, index, length)};
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
  coverage.unscored_others = layout_.targets - coverage.first_target - coverage.distinct;
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
