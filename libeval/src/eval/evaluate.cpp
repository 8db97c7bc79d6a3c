#include "golf/eval/evaluate.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "golf/artifact/base/error.h"
#include "golf/eval/score_tokens.h"
#include "golf/score/post_processor_chain.h"

namespace golf {

EvalResult evaluate(Decoder& model, const TextView& text, const EvalSettings& settings,
                    const ProgressSink& progress, const ScoreSink& trace,
                    const PostProcessing& post_processing, const EvalShare& share) {
  const auto start = std::chrono::steady_clock::now();
  const int64_t targets = kept_targets(settings, text.size());
  const TextView kept = text.first(targets + 1);
  const WindowPlan plan = make_plan(settings, targets);

  if (share.count < 1 || share.index < 0 || share.index >= share.count) {
    fail(ErrorCode::kInvalidArgument, fmt::format("part {} of {} parts", share.index, share.count));
  }
  PostProcessorChain chain(post_processing, kept, plan, model->config().vocab_size);
  if (share.count > 1 && chain.changes_scores()) {
    fail(ErrorCode::kInvalidArgument, "an evaluation with a cache or prefix cannot be shared");
  }
  ScoreOptions options{.batch_seqs = settings.batch_seqs,
                       .entropy = chain.needs_entropy(),
                       .named_tokens = chain.named_tokens(),
                       .sampled_targets = chain.audited_targets(),
                       .first_window = plan.size() * share.index / share.count,
                       .end_window = plan.size() * (share.index + 1) / share.count};
  if (settings.mode == EvalMode::kDocuments) {
    options.documents = {.first_token = text.document_start ? int32_t{*text.document_start} : kNoToken,
                         .max_length = settings.seq_len};
  }
  if (progress) {
    options.progress = [&](Progress at) {
      at.stage = fmt::format("evaluate {}", mode_name(settings.mode));
      at.note = fmt::format("bpb {:.4f}", chain.totals().val_bpb());
      progress(at);
    };
  }
  score_tokens(model, kept.tokens, plan, options, [&](TokenScores& scores) {
    chain.run(scores);
    if (trace) trace(scores);
  });

  BpbTotals totals = chain.totals();
  if (share.count > 1) {
    totals.loss_nats = share.sum(totals.loss_nats);
    totals.tokens = static_cast<int64_t>(share.sum(static_cast<double>(totals.tokens)));
    totals.bytes = static_cast<int64_t>(share.sum(static_cast<double>(totals.bytes)));
  }
  EvalResult result = make_result(settings, plan, totals, text);
  result.stages = chain.stages();
  if (share.count > 1) {
    result.stages[0].val_loss = result.val_loss;
    result.stages[0].val_bpb = result.val_bpb;
  }
  result.legality = result.stages.back().legality;
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  result.tokens_per_second = static_cast<double>(result.tokens) / std::max(result.seconds, 1e-9);
  return result;
}

}  // namespace golf
