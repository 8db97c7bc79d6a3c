#include <fmt/format.h>
#include <torch/version.h>

#include <optional>

#include "common/console.h"
#include "common/pack_options.h"
#include "common/run_main.h"
#include "golf/artifact/base/checksum.h"
#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"
#include "golf/artifact/container/artifact.h"
#include "golf/artifact/container/paid_prefix.h"
#include "golf/artifact/spec/tensor_inventory.h"
#include "golf/eval/evaluate.h"
#include "golf/eval/runtime.h"
#include "golf/score/loss_dump.h"
#include "golf_eval/commands.h"
#include "golf_eval/eval_data.h"
#include "golf_eval/eval_report.h"
#include "golf_eval/eval_views.h"
#include "golf_eval/torch_runtime.h"

namespace golf {
namespace {

/// Evaluates in every mode asked for. @throws Error kCorruptData when a score is not finite
std::vector<EvalResult> evaluate_modes(const EvalOptions& options, const EvalModel& model,
                                       const TensorSet& tensors, const EvalData& data,
                                       const PostProcessing& post_processing, const Runtime& runtime,
                                       const ProgressSink& progress, const ScoreSink& trace) {
  Decoder decoder = make_decoder(model.spec.model, tensors, runtime);
  std::vector<EvalResult> results;
  for (const EvalMode mode : options.windows.modes) {
    const EvalSettings settings = options.settings(mode, model.spec.eval);
    results.push_back(evaluate(decoder, data.text, settings, progress, trace, post_processing));
    require_finite(results.back());
  }
  return results;
}

/// Fails on settings that do not fit the data or each other before any work is done.
void check_settings(const EvalOptions& options, const EvalModel& model, const EvalData& data,
                    const PostProcessing& post_processing) {
  for (const EvalMode mode : options.windows.modes) {
    const WindowPlan plan = plan_for(options.settings(mode, model.spec.eval), data);
    parse_option(options.ngram_cache.empty() ? "--paid-prefix" : "--ngram-cache",
                 [&] { check(post_processing, plan); });
  }
}

/// The tokens of --paid-prefix and what the report says of the file.
std::vector<uint16_t> read_paid_prefix(const EvalOptions& options, int64_t vocab_size, EvalReport& report) {
  if (options.paid_prefix.empty()) return {};
  const Bytes bytes = read_file(options.paid_prefix);
  const std::string name = display_name(options.paid_prefix);
  std::vector<uint16_t> tokens = decode_paid_prefix(bytes, name, vocab_size);
  report.paid_prefix = {{options.paid_prefix, bytes.size(), sha256_hex(bytes)},
                        static_cast<int64_t>(tokens.size())};
  return tokens;
}

ExitCode evaluate(const EvalOptions& options, const CommonOptions& common, Console& console) {
  const Runtime runtime = runtime_of(options.model);
  set_compute_threads(common.threads);
  const bool packs = !options.roundtrip.recipe.empty();
  PackRequest request = complete_request(options.roundtrip, "--roundtrip");

  const EvalModel model = read_model(options.model, common.threads);
  if (packs && model.is_artifact) {
    throw UsageError(
        fmt::format("--roundtrip: {} is an artifact already: give a checkpoint", model.file.path));
  }
  const EvalData data = load_eval_data(options.text, model);
  EvalReport report{.model = model.file,
                    .model_kind = model.kind,
                    .config = model.spec.model,
                    .parameters = parameter_count(model.spec.model),
                    .data = &data,
                    .device = runtime.device_text(),
                    .dtype = std::string(runtime.dtype_text()),
                    .threads = compute_threads()};
  PostProcessing post_processing = options.post_processing(model.spec.eval);
  post_processing.paid_prefix = read_paid_prefix(options, model.spec.model.vocab_size, report);
  check_settings(options, model, data, post_processing);
  const EvalSettings settings = options.settings(options.windows.modes.front(), model.spec.eval);
  if (const std::string reason = data.uncountable(settings); !reason.empty()) {
    return refuse_uncountable(data, reason, console);
  }
  report.byte_count = data.check_bytes(settings);

  std::vector<float> losses;
  ScoreSink trace;
  if (!options.dump_nll.empty()) {
    trace = [&](const TokenScores& scores) {
      losses.insert(losses.end(), scores.nll_nats.begin(), scores.nll_nats.end());
    };
  }
  const ProgressSink progress = console.progress();
  report.results =
      evaluate_modes(options, model, model.tensors, data, post_processing, runtime, progress, trace);
  if (model.is_artifact) report.budget = BudgetReport{.artifact_bytes = model.file.bytes};
  if (packs) {
    request.threads = common.threads;
    request.progress = progress;
    PackResult packed = refuse_as_usage(
        model.file.path, [&] { return pack({.tensors = model.tensors, .spec = model.spec}, request); });
    report.budget = packed.budget;
    report.roundtrip = EvalReport::Roundtrip{.packed = std::move(packed)};
    report.roundtrip->results = evaluate_modes(options, model, *report.roundtrip->packed.weights, data,
                                               post_processing, runtime, progress, {});
  }
  if (report.budget && report.paid_prefix) report.budget->artifact_bytes += report.paid_prefix->file.bytes;

  if (!options.dump_nll.empty()) {
    write_file_atomic(options.dump_nll, encode_loss_dump(losses));
  }
  return print_results(options.output, common.json, to_json(report), to_text(report, console.style()),
                       report.byte_count, console);
}

}  // namespace

std::string libtorch_version() { return TORCH_VERSION; }

ExitCode evaluate_model(const EvalOptions& options, const CommonOptions& common) {
  Console console("golf-eval", common, options.output == "-" || options.dump_nll == "-");
  return on_device(options.model, [&] { return evaluate(options, common, console); });
}

}  // namespace golf
