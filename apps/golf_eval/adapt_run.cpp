#include "golf_eval/adapt_run.h"

#include <fmt/format.h>

#include <cstdlib>

#include "common/run_main.h"
#include "golf/artifact/base/error.h"
#include "golf_eval/eval_views.h"
#include "golf_eval/torch_runtime.h"

namespace golf {
namespace {

/// Everything that the score depends on.
Json identity_of(const AdaptedRun& run) {
  Json identity = run_identity(run.model, run.data, run.settings, run.post_processing, run.runtime);
  identity["adapt"] = to_json(run.config);
  identity["score_before"] = run.score_before;
  return identity;
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

Json run_identity(const EvalModel& model, const EvalData& data, const EvalSettings& settings,
                  const PostProcessing& post, const Runtime& runtime) {
  Json tilt, caches = Json::array();
  if (post.ngram_tilt) {
    tilt = Json::array({post.ngram_tilt->order, post.ngram_tilt->threshold, post.ngram_tilt->boost});
  }
  if (post.ngram_hashed)
    caches.push_back(fmt::format("hashed {} {}", post.ngram_hashed->buckets, post.ngram_hashed->shards));
  if (post.ngram_exact) caches.push_back("exact");
  return Json::object({{"version", project_version()},
                       {"commit", git_commit()},
                       {"model", model.file.sha256},
                       {"config", to_json(model.spec)},
                       {"data", data_json(data)},
                       {"tokenizer", data.tokenizer.file.sha256},
                       {"mode", mode_name(settings.mode)},
                       {"seq_len", settings.seq_len},
                       {"stride", settings.stride},
                       {"window_policy", settings.policy.name},
                       {"pack_seqs", settings.pack_seqs},
                       {"include_tail", settings.include_tail},
                       {"batch_seqs", settings.batch_seqs},
                       {"ngram_tilt", std::move(tilt)},
                       {"ngram_caches", std::move(caches)},
                       {"paid_prefix", std::ssize(post.paid_prefix)},
                       {"device", runtime.device.is_cpu() ? "cpu" : "cuda"},
                       {"dtype", runtime.dtype_text()}});
}

EvalSettings adapt_settings(const AdaptConfig& config, EvalSettings settings) {
  settings.mode = config.sgd ? EvalMode::kSliding : EvalMode::kStandard;
  return settings;
}

AdaptedResult run_adapted(const AdaptedRun& run, const TensorSet& weights, const EvalRanks& ranks,
                          const ProgressSink& progress, const ScoreSink& trace) {
  refuse_without_gradients(run.runtime);
  AdaptOptions options{.progress = ranks.first() ? progress : ProgressSink{},
                       .trace = trace,
                       .post_processing = run.post_processing,
                       .processes = ranks.processes(),
                       .score_before = run.score_before,
                       .resume = run.resume};
  options.resume.identity = identity_of(run).dump();
  ranks.require_same(options.resume.identity);
  Decoder decoder = make_decoder(run.model.spec.model, weights, run.runtime);
  AdaptedResult found = evaluate_adapted(decoder, run.data.text, run.settings, run.config, options);
  require_finite(found.result);
  found.receipt.about = about(run, found.result);
  return found;
}

}  // namespace golf
