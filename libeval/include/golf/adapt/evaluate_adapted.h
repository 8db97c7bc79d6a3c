#pragma once

#include <vector>

#include "golf/adapt/adapt_audit.h"
#include "golf/adapt/learner.h"
#include "golf/adapt/receipt.h"
#include "golf/artifact/base/progress.h"
#include "golf/eval/resume.h"

namespace golf {

struct AdaptOptions {
  ProgressSink progress = {};
  ScoreSink trace = {};  ///< receives this process's scores as the post-processors left them
  PostProcessing post_processing = {};
  EvalProcesses processes = {};
  /// Score the model without adaptation first, chunk by chunk: the stage "model" of the result.
  bool score_before = true;
  ResumeOptions resume = {};
};

/// What an adapted evaluation found. All processes get the same.
struct AdaptedResult {
  EvalResult result;
  Receipt receipt = {};  ///< its `about` is the caller's to fill
  AdaptAudit audit = {};
  std::vector<AdaptStep> steps = {};  ///< that this process took, those before a resumption left out
};

/// Score-first adaptation (docs/BPB.md): bits per byte of a model that learns from each chunk of the text
/// after that chunk was scored. The stages of the result are "model", "adapted" and the post-processors.
///
/// The score is the same to the bit whatever the thread count, and the same to 1e-9 bits a byte whatever the
/// number of processes. The model keeps what it has learned.
/// @throws Error kInvalidArgument (settings that do not fit), kMismatch (resume file of another evaluation),
/// kRunFailed (a loss that is not finite)
AdaptedResult evaluate_adapted(Decoder& model, const TextView& text, const EvalSettings& settings,
                               const AdaptConfig& config, const AdaptOptions& options = {});

}  // namespace golf
