#include "golf/eval/evaluate.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <span>
#include <string>
#include <utility>

#include "eval/shared_scores.h"
#include "golf/eval/score_tokens.h"
#include "golf/score/post_processor_chain.h"

namespace golf {

namespace {

/// Each process scores every count-th batch; after each round all get all of its batches.
void score_in_turns(Decoder& model, std::span<const uint16_t> stream, const WindowPlan& plan,
                    ScoreOptions options, const EvalProcesses& processes, const ScoreSink& sink) {
  const ProgressSink progress = std::exchange(options.progress, {});
  Progress at;
  at.stage = "evaluate";
  at.total = static_cast<uint64_t>(plan.coverage().scored);
  at.unit = "tokens";
  const int64_t batch = options.batch_seqs, round = batch * processes.count;
  for (int64_t first = 0; first < plan.size(); first += round) {
    options.first_window = std::min(first + batch * processes.index, plan.size());
    options.end_window = std::min(options.first_window + batch, plan.size());
    const TokenScores own = score_tokens(model, stream, plan, options);
    for (const std::string& text : processes.gather(encode(own))) {
      TokenScores scores = decode_scores(text);
      if (scores.size() == 0) continue;  // the last round has no batch for every process
      at.done += static_cast<uint64_t>(scores.size());
      sink(scores);
    }
    if (progress) progress(at);
  }
}

}  // namespace

ScoreOptions score_options(const EvalSettings& settings, const TextView& text) {
  ScoreOptions options{.batch_seqs = settings.batch_seqs};
  if (settings.mode == EvalMode::kDocuments) {
    options.documents = {.first_token = text.document_start ? int32_t{*text.document_start} : kNoToken,
                         .max_length = settings.seq_len};
  }
  if (settings.mode == EvalMode::kStreaming) options.attention_window = settings.seq_len;
  return options;
}

EvalResult evaluate(Decoder& model, const TextView& text, const EvalSettings& settings,
                    const ProgressSink& progress, const ScoreSink& trace,
                    const PostProcessing& post_processing, const EvalProcesses& processes) {
  const auto start = std::chrono::steady_clock::now();
  const int64_t targets = kept_targets(settings, text.size());
  const TextView kept = text.first(targets + 1);
  const WindowPlan plan = make_plan(settings, targets);
  PostProcessorChain chain(post_processing, kept, plan, model->config().vocab_size);
  ScoreOptions options = score_options(settings, text);
  options.entropy = chain.needs_entropy();
  options.named_tokens = chain.named_tokens();
  options.sampled_targets = chain.audited_targets();
  if (progress) {
    options.progress = [&](Progress at) {
      at.stage = fmt::format("evaluate {}", mode_name(settings.mode));
      at.note = fmt::format("bpb {:.4f}", chain.totals().val_bpb());
      progress(at);
    };
  }
  const auto sink = [&](TokenScores& scores) {
    chain.run(scores);
    if (trace) trace(scores);
  };
  if (processes.alone()) {
    score_tokens(model, kept.tokens, plan, options, sink);
  } else {
    score_in_turns(model, kept.tokens, plan, options, processes, sink);
  }

  EvalResult result = make_result(settings, plan, chain.totals(), text);
  result.stages = chain.stages();
  result.legality = result.stages.back().legality;
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  result.tokens_per_second = static_cast<double>(result.tokens) / std::max(result.seconds, 1e-9);
  return result;
}

}  // namespace golf
