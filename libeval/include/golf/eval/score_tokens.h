#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "golf/artifact/base/progress.h"
#include "golf/model/decoder.h"
#include "golf/score/token_scores.h"
#include "golf/score/window_plan.h"

namespace golf {

/// Attention that stays inside documents.
struct DocumentAttention {
  int32_t first_token = 0;  ///< begins a document; negative: the text has no such token
  int64_t max_length = 0;   ///< a longer document is cut into parts of that length
};

struct ScoreOptions {
  int64_t batch_seqs = 32;                     ///< windows worked on at a time
  bool entropy = false;                        ///< fill TokenScores::entropy_nats
  std::span<const int32_t> named_tokens = {};  ///< of each target, or kNoToken: fill TokenScores::named_log_p
  std::vector<int64_t> sampled_targets = {};   ///< ascending: fill TokenScores::samples at these
  std::optional<DocumentAttention> documents = {};
  int64_t attention_window = 0;  ///< tokens that each attends to in every block; 0: all before it
  ProgressSink progress = {};
  int64_t first_window = 0;  ///< of the plan's
  int64_t end_window = -1;   ///< one past the last; −1: to the end
  /// Indices of the plan's windows: these in this order, and first_window and end_window count among them.
  /// Empty: all windows of the plan.
  std::span<const int64_t> chosen_windows = {};
};

/// Runs the model over the windows of `plan` and hands the scores of each batch to `sink`, in the order of
/// the windows. Memory follows the batch, not the stream.
///
/// On a processor a batch is computed in parts of a few windows, side by side on LibTorch's number of threads
/// and each by one thread, so that scores are the same to the bit whatever the thread count; batch size
/// changes them by float32 rounding at most. Windows of a part have equal shape, so no row is padded, and
/// only scored positions pass the last block
/// and the head. Losses are float32 from float32 logits, sampled distributions their
/// softmax in float64. The model's device and compute dtype hold, its train mode is restored.
/// @param stream  the tokens, plan.targets() + 1 of them; each must be below the model's vocabulary
/// @throws Error kInvalidArgument (batch_seqs < 1, windows outside the plan), kMismatch (stream, named tokens
/// and plan differ in length, token too large)
void score_tokens(Decoder& model, std::span<const uint16_t> stream, const WindowPlan& plan,
                  const ScoreOptions& options, const ScoreSink& sink);

/// Bounds of the documents in a row of tokens, as PR 1855 draws them: one at 0 and at each token that begins
/// a document, one at the end, and every `max_length` tokens in between. Source: docs/SUBMISSIONS.md, PR
/// 1855, Training.
std::vector<int64_t> document_bounds(std::span<const uint16_t> tokens, const DocumentAttention& documents);

/// The same, all scores at once: 4 bytes a scored position (8 with entropy), 8 bytes a token of the
/// vocabulary for each sample.
TokenScores score_tokens(Decoder& model, std::span<const uint16_t> stream, const WindowPlan& plan,
                         const ScoreOptions& options);

}  // namespace golf
