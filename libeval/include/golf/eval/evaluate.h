#pragma once

#include "golf/artifact/base/progress.h"
#include "golf/artifact/text/tokenized_text.h"
#include "golf/eval/processes.h"
#include "golf/eval/resume.h"
#include "golf/eval/score_tokens.h"
#include "golf/model/decoder.h"
#include "golf/score/eval_result.h"
#include "golf/score/token_scores.h"

namespace golf {

/// How `settings` score the windows that make_plan lays over `text`.
ScoreOptions score_options(const EvalSettings& settings, const TextView& text);

/// Bits per byte of the model on a stream of tokens (docs/BPB.md).
///
/// The stream is cut to whole sequences and one target, as the reference cuts it, whatever the
/// mode. Losses are summed in float64. A loss that is not finite is reported in the result, not thrown: see
/// require_finite.
/// @param progress     its note carries the running bpb
/// @param trace        receives every score as the post-processors left it, for dumps
/// @param post_processing  run over each batch in the order of the windows, whatever the thread count
/// @param processes    all call this alike. They score batches in turns and hand each other the scores, so
///                     that each runs post-processors and trace over all of them: every figure is that of
///                     one process, to the bit
/// @param resume       an interrupted evaluation goes on at the batch after the last one that its file
///                     counts: every figure is that of an uninterrupted one, to the bit. `trace` sees the
///                     scores of this run alone
/// @throws Error kInvalidArgument (less than one sequence, stride, batch, post_processing), kMismatch (token
/// and vocabulary do not belong together; resume file of another evaluation), kCorruptData (damaged resume
/// file)
EvalResult evaluate(Decoder& model, const TextView& text, const EvalSettings& settings,
                    const ProgressSink& progress = {}, const ScoreSink& trace = {},
                    const PostProcessing& post_processing = {}, const EvalProcesses& processes = {},
                    const ResumeOptions& resume = {});

}  // namespace golf
