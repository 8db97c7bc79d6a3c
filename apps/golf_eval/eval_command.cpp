#include <fmt/format.h>
#include <torch/version.h>

#include <algorithm>
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
#include "golf/eval/choose_dtype.h"
#include "golf/eval/evaluate.h"
#include "golf/eval/runtime.h"
#include "golf/model/int8_products.h"
#include "golf/score/loss_dump.h"
#include "golf_eval/adapt_run.h"
#include "golf_eval/commands.h"
#include "golf_eval/eval_data.h"
#include "golf_eval/eval_report.h"
#include "golf_eval/eval_views.h"
#include "golf_eval/torch_runtime.h"

namespace golf {
namespace {

constexpr double kDtypeTolerance = 0.0005;

/// How each result is to be evaluated: one for each mode, or one adapted.
std::vector<EvalSettings> settings_of(const EvalOptions& options, const EvalConfig& defaults,
                                      const std::optional<AdaptConfig>& adapt) {
  std::vector<EvalSettings> all;
  for (const EvalMode mode : options.windows.modes) all.push_back(options.settings(mode, defaults));
  if (adapt && adapt->low_rank && options.windows.stride) {
    throw UsageError("--stride: adapters go through documents, not over sliding windows: leave it out");
  }
  if (adapt) all = {adapt_settings(*adapt, all.front())};
  return all;
}

/// Fails on settings that do not fit the data or each other before any work is done.
void check_settings(const EvalOptions& options, const std::vector<EvalSettings>& all, const EvalData& data,
                    const PostProcessing& post_processing) {
  for (const EvalSettings& settings : all) {
    const WindowPlan plan = plan_for(settings, data);
    parse_option(options.ngram_cache.empty() ? "--paid-prefix" : "--ngram-cache",
                 [&] { check(post_processing, plan); });
  }
}

/// The losses of --dump-nll: in window order, of an adapted evaluation by target.
class LossCollector {
 public:
  LossCollector(bool wanted, bool by_target) : wanted_(wanted), by_target_(by_target) {}
  ScoreSink sink() {
    if (!wanted_) return {};
    return [this](const TokenScores& scores) {
      if (!by_target_) {
        losses_.insert(losses_.end(), scores.nll_nats.begin(), scores.nll_nats.end());
        return;
      }
      auto from = scores.nll_nats.begin();
      for (const ScoreSegment& segment : scores.segments) {
        const auto end = static_cast<size_t>(segment.first_target + segment.count);
        if (losses_.size() < end) losses_.resize(end);
        std::copy_n(from, segment.count, losses_.begin() + segment.first_target);
        from += segment.count;
      }
    };
  }
  const std::vector<float>& losses() const { return losses_; }

 private:
  bool wanted_, by_target_;
  std::vector<float> losses_;
};

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

ExitCode evaluate(const EvalOptions& options, const CommonOptions& common, Console& console,
                  const EvalRanks& ranks) {
  Runtime runtime = ranks.own(runtime_of(options.model));
  prepare_processor(common.threads);
  const bool packs = !options.roundtrip.recipe.empty();
  PackRequest request = complete_request(options.roundtrip, console, "--roundtrip");

  const EvalModel model = read_model(options.model, common.threads, console);
  if (packs && model.artifact) {
    throw UsageError(
        fmt::format("--roundtrip: {} is an artifact already: give a checkpoint", model.file.path));
  }
  const std::optional<AdaptConfig> adapt = options.adapt.config(model.spec.eval);
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
  const std::vector<EvalSettings> settings = settings_of(options, model.spec.eval, adapt);
  check_settings(options, settings, data, post_processing);
  if (const std::string reason = data.uncountable(settings.front()); !reason.empty()) {
    return refuse_uncountable(data, reason, console);
  }
  report.byte_count = data.check_bytes(settings.front());
  if (options.model.dtype == "auto" && runtime.device.is_cpu()) {
    report.dtype_choice = choose_dtype(model.spec.model, model.tensors, data.text, settings.front().seq_len,
                                       options.dtype_tolerance.value_or(kDtypeTolerance), ranks.processes());
    runtime = choose_runtime("cpu", report.dtype_choice->chosen);
    report.dtype = runtime.dtype_text();
  }
  ResumeOptions resume = options.resume;
  for (const EvalSettings& one : settings) {
    resume.identity += run_identity(model, data, one, post_processing, runtime).dump();
  }
  if (!adapt) ranks.require_same(resume.identity);

  const ProgressSink progress = ranks.first() ? console.progress() : ProgressSink{};
  std::string receipt, broken;
  /// In every way that is asked for. The receipt is of MODEL's own weights.
  const auto score = [&](const TensorSet& weights, const ScoreSink& trace) {
    std::vector<EvalResult> results;
    if (adapt) {
      const AdaptedRun run{.model = model,
                           .data = data,
                           .settings = settings.front(),
                           .config = *adapt,
                           .post_processing = post_processing,
                           .runtime = runtime,
                           .score_before = !options.adapt.adapted_only,
                           .resume = options.resume};
      AdaptedResult found = run_adapted(run, weights, ranks, progress, trace);
      if (receipt.empty()) receipt = encode(found.receipt);
      if (broken.empty()) broken = broken_conditions(found.audit);
      results.push_back(std::move(found.result));
      return results;
    }
    Decoder decoder = make_decoder(model.spec.model, weights, runtime);
    for (const EvalSettings& one : settings) {
      results.push_back(
          evaluate(decoder, data.text, one, progress, trace, post_processing, ranks.processes(), resume));
      require_finite(results.back());
    }
    if (runtime.int8 && !report.int8) {
      Int8Matrices& found = report.int8.emplace();
      for_each_int8_matrix(decoder, [&](bool exact) { ++(exact ? found.exact : found.rounded); });
    }
    return results;
  };
  LossCollector losses(!options.dump_nll.empty(), adapt.has_value());
  report.results = score(model.tensors, losses.sink());
  if (model.artifact) report.budget = BudgetReport{.artifact_bytes = model.file.bytes};
  if (packs) {
    request.threads = common.threads;
    request.progress = progress;
    request.keep_weights = true;
    PackResult packed = refuse_as_usage(
        model.file.path, [&] { return pack({.tensors = model.tensors, .spec = model.spec}, request); });
    report.budget = packed.budget;
    report.roundtrip = EvalReport::Roundtrip{.packed = std::move(packed)};
    report.roundtrip->results = score(*report.roundtrip->packed.weights, {});
  }
  if (report.budget && report.paid_prefix) report.budget->artifact_bytes += report.paid_prefix->file.bytes;
  if (!ranks.first()) return ExitCode::kDone;

  if (!options.dump_nll.empty()) write_file_atomic(options.dump_nll, encode_loss_dump(losses.losses()));
  if (!options.adapt.receipt.empty()) write_file_atomic(options.adapt.receipt, as_bytes(receipt));
  const ExitCode exit = print_results(options.output, common.json, to_json(report),
                                      to_text(report, console.style()), report.byte_count, console);
  if (broken.empty()) return exit;
  console.refuse(fmt::format("the log of the adapted evaluation breaks {}", broken));
  return ExitCode::kCheckFailed;
}

/// The same among the processes of a launcher, which share the scoring and nothing else.
ExitCode evaluate_among(const EvalOptions& options, const CommonOptions& common, Console& console) {
  const EvalRanks ranks(/*shared=*/true);
  if (!ranks.alone() && options.adapt.wanted() && !options.dump_nll.empty()) {
    throw UsageError("--dump-nll: each of several processes has a share of the losses: use one process");
  }
  try {
    const ExitCode exit = evaluate(options, common, console, ranks);
    ranks.finish();
    return exit;
  } catch (const std::exception& error) {
    ranks.report_failure(error.what());
    throw;
  }
}

}  // namespace

std::string libtorch_version() { return TORCH_VERSION; }

ExitCode evaluate_model(const EvalOptions& options, const CommonOptions& common) {
  Console console("golf-eval", common, options.output == "-" || options.dump_nll == "-");
  return on_device(options.model, [&] { return evaluate_among(options, common, console); });
}

}  // namespace golf
