#pragma once

#include <cstdint>
#include <span>

#include "golf/artifact/base/progress.h"
#include "golf/model/decoder.h"
#include "golf/score/token_scores.h"
#include "golf/score/window_plan.h"

namespace golf {

struct ScoreOptions {
  int64_t batch_seqs = 32;  ///< windows in one forward pass, at most
  bool entropy = false;     ///< fill TokenScores::entropy_nats
  ProgressSink progress = {};
};

/// Runs the model over the windows of `plan` and hands the scores of each batch to `sink`, in the order of
/// the windows. Memory follows the batch, not the stream.
///
/// A batch is a run of windows of equal shape, so no row is padded. Only scored positions pass the head, a
/// few rows at a time. Losses are float32 from float32 logits; the model's device and compute dtype hold, its
/// train mode is restored. Batch size and thread count change results by float32 rounding only.
/// @param stream  the tokens, plan.targets() + 1 of them; each must be below the model's vocabulary
/// @throws Error kInvalidArgument (batch_seqs < 1), kMismatch (stream and plan differ in length, token too
/// large)
void score_tokens(Decoder& model, std::span<const uint16_t> stream, const WindowPlan& plan,
                  const ScoreOptions& options, const ScoreSink& sink);

/// The same, all scores at once: 4 bytes a scored position (8 with entropy).
TokenScores score_tokens(Decoder& model, std::span<const uint16_t> stream, const WindowPlan& plan,
                         const ScoreOptions& options);

}  // namespace golf
