#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numbers>

#include "common/console.h"
#include "common/run_main.h"
#include "common/text_table.h"
#include "golf/artifact/base/checksum.h"
#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"
#include "golf/eval/runtime.h"
#include "golf/eval/score_tokens.h"
#include "golf/stats/claim_test.h"
#include "golf_eval/commands.h"
#include "golf_eval/eval_data.h"
#include "golf_eval/eval_views.h"
#include "golf_eval/torch_runtime.h"
#include "golf_eval/verify_options.h"

namespace golf {
namespace {

/// The windows of a score as a finite population. Its values are the bits that a window costs less those that
/// the claim allows its bytes: their mean is 0 if the claim is exact, and they vary less than losses do.
struct WindowPopulation {
  std::vector<int64_t> bytes;  ///< of text, of each window's scored targets
  int64_t tokens = 0, total_bytes = 0;
  double least = 0, most = 0;  ///< bits over the claim, of any window

  double mean_bytes() const { return static_cast<double>(total_bytes) / static_cast<double>(bytes.size()); }
};

WindowPopulation population_of(const WindowPlan& plan, const TextView& text, double claim,
                               double bound_nats) {
  WindowPopulation population;
  for (int64_t i = 0; i < plan.size(); ++i) {
    const Window window = plan[i];
    int64_t bytes = 0;
    for (int64_t t = 0; t < window.scored(); ++t) {
      bytes += text.bytes[static_cast<size_t>(window.first_target() + t) + 1];
    }
    population.bytes.push_back(bytes);
    population.tokens += window.scored();
    population.total_bytes += bytes;
    const double allowed = claim * static_cast<double>(bytes);
    const double most = bound_nats / std::numbers::ln2 * static_cast<double>(window.scored()) - allowed;
    population.least = i == 0 ? -allowed : std::min(population.least, -allowed);
    population.most = i == 0 ? most : std::max(population.most, most);
  }
  return population;
}

/// What came of the sampling.
struct Verification {
  ClaimVerdict verdict = ClaimVerdict::kUndecided;
  double low = 0, high = 0;  ///< bits a byte
  int64_t windows = 0, tokens = 0, bytes = 0;
  double nats = 0;
  double seconds = 0;
  std::optional<int64_t> over_bound = {};  ///< a window whose loss was higher than any was taken to be

  /// Of the windows that were scored, by the ratio of the sums.
  double bpb() const { return nats / std::numbers::ln2 / static_cast<double>(bytes); }
};

Verification sample(Decoder& decoder, const EvalSettings& settings, const TextView& text,
                    const WindowPlan& plan, const WindowPopulation& population, const VerifyOptions& options,
                    double bound_nats, const ProgressSink& progress) {
  const double scale = population.mean_bytes();
  ClaimTest test({.population = plan.size(),
                  .least = population.least,
                  .most = population.most,
                  .low = -options.tolerance * scale,
                  .high = options.tolerance * scale,
                  .error_probability = 1 - options.confidence});
  const std::vector<int64_t> order = random_order(plan.size(), options.seed);
  ScoreOptions score = score_options(settings, text);
  score.chosen_windows = order;
  Verification found;
  Progress at;
  at.stage = "verify";
  at.total = static_cast<uint64_t>(plan.size());
  at.unit = "windows";
  const auto start = std::chrono::steady_clock::now();
  const auto undecided = [&] { return found.verdict == ClaimVerdict::kUndecided || found.over_bound; };
  for (int64_t first = 0; first < plan.size() && undecided(); first += settings.batch_seqs) {
    score.first_window = first;
    score.end_window = std::min(first + settings.batch_seqs, plan.size());
    size_t used = 0, window = 0;
    const TokenScores scores = score_tokens(decoder, text.tokens, plan, score);
    for (const ScoreSegment& segment : scores.segments) {
      const int64_t index = order[static_cast<size_t>(first) + window++];
      double nats = 0;
      for (int64_t t = 0; t < segment.count; ++t) nats += scores.nll_nats[used++];
      if (!std::isfinite(nats)) {
        fail(ErrorCode::kCorruptData,
             fmt::format("the loss of window {} is not finite: the weights are broken or "
                         "do not belong to this configuration",
                         index));
      }
      const int64_t bytes = population.bytes[static_cast<size_t>(index)];
      found.nats += nats;
      found.bytes += bytes;
      found.tokens += segment.count;
      ++found.windows;
      if (nats > bound_nats * static_cast<double>(segment.count)) found.over_bound = index;
      if (found.over_bound) continue;  // no verdict but of all windows
      found.verdict = test.add(nats / std::numbers::ln2 - options.claim * static_cast<double>(bytes));
    }
    at.done = static_cast<uint64_t>(found.windows);
    at.note = fmt::format("bpb {:.4f}", found.bpb());
    if (progress) progress(at);
  }
  found.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  if (found.windows == plan.size()) {
    found.low = found.high = found.bpb();
    found.verdict = std::abs(found.bpb() - options.claim) <= options.tolerance ? ClaimVerdict::kConfirmed
                                                                               : ClaimVerdict::kRefuted;
    return found;
  }
  const ClaimTest::Interval interval = test.interval();
  found.low = options.claim + interval.low / scale;
  found.high = options.claim + interval.high / scale;
  return found;
}

ExitCode verify(const VerifyOptions& options, const CommonOptions& common, Console& console) {
  const Runtime runtime = runtime_of(options.model);
  prepare_processor(common.threads);
  const EvalModel model = read_model(options.model, common.threads, console);
  const EvalData data = load_eval_data(options.text, model);
  EvalSettings settings = options.windows.settings(options.windows.modes.front(), model.spec.eval);
  settings.batch_seqs = options.batch_seqs.value_or(settings.batch_seqs);
  const WindowPlan plan = plan_for(settings, data);
  if (const std::string reason = data.uncountable(settings); !reason.empty()) {
    return refuse_uncountable(data, reason, console);
  }
  const ByteCountCheck byte_count = data.check_bytes(settings);
  const TextView text = data.scored(settings);
  const double bound = options.bound.value_or(std::log(static_cast<double>(model.spec.model.vocab_size)));
  const WindowPopulation population = population_of(plan, text, options.claim, bound);
  if (population.total_bytes == 0) {
    fail(ErrorCode::kMismatch, fmt::format("{}: has no bytes of text", display_name(options.text.data)));
  }
  Decoder decoder = make_decoder(model.spec.model, model.tensors, runtime);
  const Verification found =
      sample(decoder, settings, text, plan, population, options, bound, console.progress());

  const bool confirmed = found.verdict == ClaimVerdict::kConfirmed;
  const double share = static_cast<double>(found.windows) / static_cast<double>(plan.size());
  const double full_seconds = found.seconds / share;
  const Json json = Json::object(
      {{"schema", "golf.verify/1"},
       {"version", project_version()},
       {"commit", git_commit()},
       {"model", to_json(model.file)},
       {"data", data_json(data)},
       {"tokenizer", tokenizer_json(data)},
       {"byte_count_check", to_json(byte_count)},
       {"mode", mode_name(settings.mode)},
       {"seq_len", settings.seq_len},
       {"stride", settings.mode == EvalMode::kSliding ? Json(settings.stride) : Json()},
       {"claim", options.claim},
       {"tolerance", options.tolerance},
       {"confidence", options.confidence},
       {"seed", options.seed},
       {"bound_nats", bound},
       {"window_over_bound", found.over_bound.has_value() ? Json(found.over_bound.value_or(0)) : Json()},
       {"verdict", confirmed ? "confirmed" : "refuted"},
       {"exact", found.windows == plan.size()},
       {"val_bpb", found.bpb()},
       {"interval", Json::array({found.low, found.high})},
       {"windows", found.windows},
       {"tokens", found.tokens},
       {"seconds", found.seconds},
       {"full", Json::object({{"windows", plan.size()},
                              {"tokens", population.tokens},
                              {"bytes", population.total_bytes},
                              {"seconds", full_seconds}})}});
  std::string shown = fmt::format(
      "{}: {:.6f} bpb, give or take {:g}, at a confidence of {:g}\n"
      "{} {}: {:.6f} bpb over {} of {} windows ({:.1f} %), interval {:.6f} to {:.6f}\n"
      "{} tokens in {:.1f} s; all {} would take about {:.1f} s\n",
      console.style().bold(confirmed ? "confirmed" : "refuted"), options.claim, options.tolerance,
      options.confidence, mode_name(settings.mode), settings.seq_len, found.bpb(),
      with_separators(found.windows), with_separators(plan.size()), 100 * share, found.low, found.high,
      with_separators(found.tokens), found.seconds, with_separators(population.tokens), full_seconds);
  if (found.over_bound) {
    shown +=
        fmt::format("the loss of window {} is over {:.3f} nats a token: no sample, all windows were scored\n",
                    *found.over_bound, bound);
  }
  shown += identity_text(data) + byte_count_text(byte_count) + "\n" + data_text(data, console.style());
  const ExitCode exit = print_results(options.output, common.json, json, shown, byte_count, console);
  return exit == ExitCode::kDone && !confirmed ? ExitCode::kCheckFailed : exit;
}

}  // namespace

ExitCode verify_model(const VerifyOptions& options, const CommonOptions& common) {
  Console console("golf-eval", common, options.output == "-");
  return on_device(options.model, [&] { return verify(options, common, console); });
}

}  // namespace golf
