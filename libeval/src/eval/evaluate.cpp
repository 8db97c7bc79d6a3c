#include "golf/eval/evaluate.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "golf/artifact/base/error.h"
#include "golf/eval/score_tokens.h"
#include "golf/score/bpb.h"

namespace golf {

EvalResult evaluate(Decoder& model, std::span<const uint16_t> stream, const TokenBytes& bytes,
                    const EvalSettings& settings, const ProgressSink& progress, const ScoreSink& trace) {
  if (bytes.size() < model->config().vocab_size) {
    fail(ErrorCode::kMismatch, fmt::format("byte table of {} ids for a model with a vocabulary of {}",
                                           bytes.size(), model->config().vocab_size));
  }
  const auto start = std::chrono::steady_clock::now();
  const int64_t targets = trimmed_targets(static_cast<int64_t>(stream.size()), settings.seq_len);
  const auto kept = stream.first(static_cast<size_t>(targets) + 1);
  const WindowPlan plan = make_plan(settings, targets);

  BpbTotals totals;
  ScoreOptions options{.batch_seqs = settings.batch_seqs};
  if (progress) {
    options.progress = [&](Progress at) {
      at.stage = fmt::format("evaluate {}", mode_name(settings.mode));
      at.note = fmt::format("bpb {:.4f}", totals.val_bpb());
      progress(at);
    };
  }
  score_tokens(model, kept, plan, options, [&](const TokenScores& scores) {
    totals.add(scores, kept, bytes);
    if (trace) trace(scores);
  });

  EvalResult result{.settings = settings};
  result.val_loss = totals.val_loss();
  result.val_bpb = totals.val_bpb();
  result.tokens = totals.tokens;
  result.bytes = totals.bytes;
  result.windows = plan.size();
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  result.tokens_per_second = static_cast<double>(totals.tokens) / std::max(result.seconds, 1e-9);
  result.coverage = plan.coverage();
  result.dropped_tail = static_cast<int64_t>(stream.size()) - 1 - targets;
  result.first_nonfinite_target = totals.first_nonfinite_target;
  return result;
}

}  // namespace golf
