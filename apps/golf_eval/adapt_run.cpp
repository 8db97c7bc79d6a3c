#include "golf_eval/adapt_run.h"

#include <fmt/format.h>

#include <cstdlib>

#include "common/run_main.h"
#include "golf/artifact/base/error.h"
#include "golf_eval/eval_views.h"

namespace golf {
namespace {

/// Everything that the score depends on.
Json identity_of(const AdaptedRun& run, bool score_before) {
  const PostProcessing& post = run.post_processing;
  Json tilt;
  if (post.ngram_tilt) {
    tilt = Json::array({post.ngram_tilt->order, post.ngram_tilt->threshold, post.ngram_tilt->boost});
  }
  return Json::object({{"version", project_version()},
                       {"commit", git_commit()},
                       {"model", run.model.file.sha256},
                       {"config", to_json(run.model.spec)},
                       {"data", data_json(run.data)},
                       {"tokenizer", run.data.tokenizer.file.sha256},
                       {"mode", mode_name(run.settings.mode)},
                       {"seq_len", run.settings.seq_len},
                       {"stride", run.settings.stride},
                       {"include_tail", run.settings.include_tail},
                       {"batch_seqs", run.settings.batch_seqs},
                       {"adapt", to_json(run.config)},
                       {"ngram_tilt", std::move(tilt)},
                       {"device", run.runtime.device.is_cpu() ? "cpu" : "cuda"},
                       {"dtype", run.runtime.dtype_text()},
                       {"score_before", score_before}});
}

/// The receipt's own words about what was evaluated.
Json about(const AdaptedRun& run, const EvalResult& result) {
  return Json::object({{"version", project_version()},
                       {"commit", git_commit()},
                       {"model", to_json(run.model.file)},
                       {"data", data_json(run.data)},
                       {"tokenizer", tokenizer_json(run.data)},
                       {"plan", result.adaptation.at("plan")},
                       {"seq_len", run.settings.seq_len}});
}

}  // namespace

EvalSettings adapt_settings(const AdaptConfig& config, EvalSettings settings) {
  settings.mode = config.sgd ? EvalMode::kSliding : EvalMode::kStandard;
  return settings;
}

AdaptedResult run_adapted(const AdaptedRun& run, const TensorSet& weights, const AdaptCommand* command,
                          const AdaptRanks& ranks, const ProgressSink& progress, const ScoreSink& trace) {
  AdaptOptions options{.progress = ranks.first() ? progress : ProgressSink{},
                       .trace = trace,
                       .post_processing = run.post_processing,
                       .processes = ranks.processes(),
                       .score_before = command != nullptr && !command->adapted_only};
  options.identity = identity_of(run, options.score_before).dump();
  ranks.require_same(options.identity);
  if (command != nullptr) {
    options.resume_file = command->resume;
    options.resume_seconds = command->resume_seconds;
  }
  Decoder decoder = make_decoder(run.model.spec.model, weights, run.runtime);
  AdaptedResult found = evaluate_adapted(decoder, run.data.text, run.settings, run.config, options);
  require_finite(found.result);
  found.receipt.about = about(run, found.result);
  return found;
}

}  // namespace golf
