#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace golf {

// Positions are counted in targets: a stream of N + 1 tokens has N of them, and target t is token t + 1,
// predicted from token t and those before it. The first token of a stream is never scored.

/// One forward pass: the model reads tokens [start, start + length) and its predictions at positions
/// [score_from, length) are scored, that is the targets [first_target(), start + length).
struct Window {
  int64_t start = 0;
  int64_t length = 0;
  int64_t score_from = 0;

  int64_t first_target() const { return start + score_from; }
  int64_t scored() const { return length - score_from; }
  bool operator==(const Window&) const = default;
};

/// Of one sliding evaluation: `targets` (N), window length (T) and distance of the windows' starts (S).
struct SlidingLayout {
  int64_t targets = 0;
  int64_t seq_len = 0;
  int64_t stride = 0;
};

/// Which windows of a sliding evaluation exist and what each scores. Windows start at 0, S, 2S, …, and one
/// that would pass the end is shortened. One row a policy, in window_plan.cpp: all that the rest of the
/// program knows about it. What a window scores must not begin before what an earlier one scores, and with
/// S = T every policy is the standard evaluation.
struct WindowPolicy {
  std::string_view name;
  /// How many windows there are; below 1: the targets do not fill one.
  int64_t (*windows)(const SlidingLayout& layout);
  /// The first position that window `index`, of `length` targets, scores: 0 … length − 1.
  int64_t (*score_from)(const SlidingLayout& layout, int64_t index, int64_t length);
};
/// "once", "pr88", "pr192", "pr262", "pr993".
std::span<const std::string_view> policy_names();
/// @throws Error kInvalidArgument listing the names
const WindowPolicy& window_policy(std::string_view name);

/// How often the targets of a stream are scored.
struct Coverage {
  int64_t first_target = 0;     ///< the first that is scored
  int64_t scored = 0;           ///< predictions scored, repetitions included: the tokens of val_loss
  int64_t distinct = 0;         ///< targets scored at least once
  int64_t repeated = 0;         ///< scored − distinct
  int64_t unscored_head = 0;    ///< targets before first_target
  int64_t unscored_others = 0;  ///< targets after it that no window scores
};

/// The windows of one evaluation, in order; windows are computed when asked for, so a plan takes no memory.
class WindowPlan {
 public:
  /// Back-to-back windows of `seq_len` that score everything. What is left at the end makes a shorter window
  /// with `include_tail`, else it is dropped.
  /// Source: docs/SUBMISSIONS.md, upstream reference, Evaluation. @throws Error kInvalidArgument when not one
  /// window fits
  static WindowPlan standard(int64_t targets, int64_t seq_len, bool include_tail = false);
  /// Overlapping windows, 1 ≤ stride ≤ seq_len. Source: docs/SUBMISSIONS.md, Evaluation of each PR that a
  /// policy is named after. @throws Error kInvalidArgument
  static WindowPlan sliding(int64_t targets, int64_t seq_len, int64_t stride,
                            const WindowPolicy& policy = window_policy("once"));

  int64_t size() const { return count_; }
  /// The window of that index, 0 ≤ index < size().
  Window operator[](int64_t index) const;
  int64_t targets() const { return layout_.targets; }
  int64_t seq_len() const { return layout_.seq_len; }
  int64_t stride() const { return layout_.stride; }
  Coverage coverage() const;

 private:
  using ScoreFrom = decltype(WindowPolicy::score_from);
  WindowPlan(const SlidingLayout& layout, int64_t count, ScoreFrom score_from);

  SlidingLayout layout_;
  int64_t count_;
  ScoreFrom score_from_;
};

/// Targets that the reference keeps of a stream of `tokens`: floor((tokens − 1) / seq_len) · seq_len.
/// Source: docs/SUBMISSIONS.md, upstream reference, Evaluation. @throws Error kInvalidArgument when that is
/// not even one sequence
int64_t trimmed_targets(int64_t tokens, int64_t seq_len);

}  // namespace golf
