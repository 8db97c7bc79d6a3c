#include "golf/eval/evaluate.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "eval/resume_file.h"
#include "eval/shared_scores.h"
#include "golf/artifact/base/error.h"
#include "golf/eval/score_tokens.h"
#include "golf/score/post_processor_chain.h"

namespace golf {

namespace {

/// Scores in the order of the windows, with a call in between wherever all of them so far have come.
struct ScoreSteps {
  ScoreSink scores;
  std::function<void()> pause;
};

/// Each process scores every count-th batch; after each round all get all of its batches.
void score_in_turns(Decoder& model, std::span<const uint16_t> stream, const WindowPlan& plan,
                    ScoreOptions options, const EvalProcesses& processes, const ScoreSteps& steps) {
  const ProgressSink progress = std::exchange(options.progress, {});
  Progress at;
  at.stage = "evaluate";
  at.total =
      static_cast<uint64_t>(plan.coverage().scored * (plan.size() - options.first_window) / plan.size());
  at.unit = "tokens";
  const int64_t batch = options.batch_seqs, round = batch * processes.count;
  for (int64_t first = options.first_window; first < plan.size(); first += round) {
    options.first_window = std::min(first + batch * processes.index, plan.size());
    options.end_window = std::min(options.first_window + batch, plan.size());
    const TokenScores own = score_tokens(model, stream, plan, options);
    for (const std::string& text : processes.gather(encode(own))) {
      TokenScores scores = decode_scores(text);
      if (scores.size() == 0) continue;  // the last round has no batch for every process
      at.done += static_cast<uint64_t>(scores.size());
      steps.scores(scores);
    }
    steps.pause();
    if (progress) progress(at);
  }
}

constexpr const char* kEvalResumeSchema = "golf.eval.resume/1";

Json totals_json(const std::vector<BpbTotals>& stages) {
  Json all = Json::array();
  for (const BpbTotals& one : stages) all.push_back(Json::array({one.loss_nats, one.tokens, one.bytes}));
  return all;
}

std::vector<BpbTotals> totals_of(const Json& json) {
  std::vector<BpbTotals> stages;
  for (const Json& one : json.as_array()) {
    if (one.as_array().size() != 3) fail(ErrorCode::kCorruptData, "a total has three numbers");
    stages.push_back({.loss_nats = one.as_array()[0].as_double(),
                      .tokens = one.as_array()[1].as_int(),
                      .bytes = one.as_array()[2].as_int()});
  }
  return stages;
}

/// Takes `chain` to where an earlier run wrote `file`, if one did.
/// @return the windows that the earlier run has scored
int64_t resume_scores(ResumeFile& file, PostProcessorChain& chain, const WindowPlan& plan,
                      int64_t batch_seqs) {
  const std::optional<EvalResumePoint> found = file.read();
  if (!found) return 0;
  const int64_t done = found->facts.at("windows").as_int();
  if (done < 0 || done > plan.size() || (done % batch_seqs != 0 && done != plan.size())) {
    fail(ErrorCode::kCorruptData, fmt::format("{}: {} windows of {} in batches of {} cannot be done",
                                              file.name(), done, plan.size(), batch_seqs));
  }
  chain.restore(totals_of(found->facts.at("stages")));
  return done;
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
                    const PostProcessing& post_processing, const EvalProcesses& processes,
                    const ResumeOptions& resume) {
  ResumeFile file(resume, kEvalResumeSchema, processes);
  const int64_t targets = kept_targets(settings, text.size());
  const TextView kept = text.first(targets + 1);
  const WindowPlan plan = make_plan(settings, targets);
  PostProcessorChain chain(post_processing, kept, plan, model->config().vocab_size);
  ScoreOptions options = score_options(settings, text);
  options.entropy = chain.needs_entropy();
  options.named_tokens = chain.named_tokens();
  options.sampled_targets = chain.audited_targets();
  if (file.wanted()) require_stateless(post_processing, "--resume");
  options.first_window = resume_scores(file, chain, plan, settings.batch_seqs);
  int64_t windows_done = options.first_window;
  if (progress) {
    options.progress = [&, earlier = static_cast<uint64_t>(chain.totals().tokens)](Progress at) {
      at.stage = fmt::format("evaluate {}", mode_name(settings.mode));
      at.done += earlier;
      at.total += earlier;
      at.note = fmt::format("bpb {:.4f}", chain.totals().val_bpb());
      progress(at);
    };
  }
  const auto write_file = [&] {
    if (chain.totals().first_nonfinite_target) return;  // nothing comes of going on from there
    file.write(Json::object({{"windows", windows_done}, {"stages", totals_json(chain.all_totals())}}));
  };
  const ScoreSteps steps{.scores =
                             [&](TokenScores& scores) {
                               windows_done += std::ssize(scores.segments);
                               chain.run(scores);
                               if (trace) trace(scores);
                             },
                         .pause =
                             [&] {
                               if (file.due()) write_file();
                             }};
  if (processes.alone()) {
    score_tokens(model, kept.tokens, plan, options, [&](TokenScores& scores) {
      steps.scores(scores);
      steps.pause();
    });
  } else {
    score_in_turns(model, kept.tokens, plan, options, processes, steps);
  }
  write_file();

  EvalResult result = make_result(settings, plan, chain.totals(), text);
  result.stages = chain.stages();
  result.legality = result.stages.back().legality;
  result.seconds = file.seconds();
  result.tokens_per_second = static_cast<double>(result.tokens) / std::max(result.seconds, 1e-9);
  return result;
}

}  // namespace golf
