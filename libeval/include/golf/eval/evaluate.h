#pragma once

#include <cstdint>
#include <functional>

#include "golf/artifact/base/progress.h"
#include "golf/artifact/text/tokenized_text.h"
#include "golf/model/decoder.h"
#include "golf/score/eval_result.h"
#include "golf/score/token_scores.h"

namespace golf {

/// One process's part of an evaluation that several share: of n windows, part i of c does those from n·i/c to
/// before n·(i+1)/c. Source: docs/SUBMISSIONS.md, upstream reference, Evaluation.
struct EvalShare {
  int64_t index = 0, count = 1;
  std::function<double(double)> sum = {};  ///< adds a number up over the processes
};

/// Bits per byte of the model on a stream of tokens (docs/BPB.md).
///
/// The stream is cut to whole sequences and one target, as the reference cuts it, whatever the
/// mode. Losses are summed in float64. A loss that is not finite is reported in the result, not thrown: see
/// require_finite.
/// @param progress     its note carries the running bpb
/// @param trace        receives every score as the post-processors left it, for dumps
/// @param post_processing  run over each batch in the order of the windows, whatever the thread count
/// @param share        all processes call this alike and get the same figures; trace hears this one's part.
///                     PostProcessing look back over the whole stream, so they cannot be shared
/// @throws Error kInvalidArgument (less than one sequence, stride, batch, post_processing, share), kMismatch
/// (token and vocabulary do not belong together)
EvalResult evaluate(Decoder& model, const TextView& text, const EvalSettings& settings,
                    const ProgressSink& progress = {}, const ScoreSink& trace = {},
                    const PostProcessing& post_processing = {}, const EvalShare& share = {});

}  // namespace golf
