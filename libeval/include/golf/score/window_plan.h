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

/// Which windows of a sliding evaluation exist and what each scores. T is the window length, S the stride,
/// N the number of targets; windows start at 0, S, 2S, …, and one that would pass the end is shortened.
enum class WindowPolicy {
  kOnce,   ///< every target exactly once: the first window scores all, each other one what is new.
           ///< The rule of PR 1493 (starts w with w + T − S < N)
  kPr88,   ///< full windows only, each scores its last S: targets 0 … T−S−1 and a tail are never scored
  kPr192,  ///< windows of at least S: the first scores all, the others their last S, so that the last S
           ///< targets count once for each shortened window
  kPr262,  ///< as kPr192 with every start below N: a last window shorter than S scores all it has
  kPr993,  ///< the same rule as kPr262
};
std::string_view policy_name(WindowPolicy policy);
/// "once", "pr88", "pr192", "pr262", "pr993".
std::span<const std::string_view> policy_names();
/// @throws Error kInvalidArgument listing the names
WindowPolicy parse_window_policy(std::string_view name);

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
                            WindowPolicy policy = WindowPolicy::kOnce);

  int64_t size() const { return count_; }
  /// The window of that index, 0 ≤ index < size().
  Window operator[](int64_t index) const;
  int64_t targets() const { return targets_; }
  int64_t seq_len() const { return seq_len_; }
  int64_t stride() const { return stride_; }
  Coverage coverage() const;

 private:
  /// What a window scores: all; what no full window before it reached (from T − S); its last S, the first
  /// window all; its last S, the first window too.
  enum class Scores { kAll, kNew, kLast, kLastAlways };
  WindowPlan(int64_t targets, int64_t seq_len, int64_t stride, int64_t count, Scores scores);

  int64_t targets_;
  int64_t seq_len_;
  int64_t stride_;
  int64_t count_;
  Scores scores_;
};

/// Targets that the reference keeps of a stream of `tokens`: floor((tokens − 1) / seq_len) · seq_len.
/// Source: docs/SUBMISSIONS.md, upstream reference, Evaluation. @throws Error kInvalidArgument when that is
/// not even one sequence
int64_t trimmed_targets(int64_t tokens, int64_t seq_len);

}  // namespace golf
