#include "golf/eval/tune.h"

#include <fmt/format.h>

#include <chrono>

#include "common/console.h"
#include "common/run_main.h"
#include "common/sizes.h"
#include "common/text_table.h"
#include "golf/artifact/base/checksum.h"
#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"
#include "golf_eval/commands.h"
#include "golf_eval/eval_data.h"
#include "golf_eval/torch_runtime.h"

namespace golf {
namespace {

/// What the tuned file says of the text that it saw, after what it said of earlier tuning.
void record_text(std::map<std::string, std::string>& provenance, const TuneOptions& options,
                 const EvalData& data, const TuneReport& report) {
  const auto add = [&](const char* key, const std::string& text) {
    std::string& said = provenance[key];
    said += (said.empty() ? "" : "; ") + text;
  };
  std::string digests;
  for (const TokenizedText::Shard& shard : data.text.shards) {
    digests += (digests.empty() ? "" : " ") + shard.file.sha256;
  }
  add("tuned_on", digests);
  add("tuned_by", fmt::format("golf-eval tune {} ({}), {}, {} steps, {} tokens", project_version(),
                              git_commit(), options.objective, report.steps, report.train_tokens));
  // The writer names the library that it uses.
  provenance.erase("codec_library");
}

/// The file's bytes, read again.
Bytes encode_checked(const Artifact& artifact, int threads, const ProgressSink& progress) {
  Bytes bytes = encode_artifact(artifact, threads, progress);
  if (decode_artifact(bytes, "the tuned artifact", threads).model != artifact.model) {
    fail(ErrorCode::kRunFailed,
         "verification failed: the tuned artifact comes back changed: nothing was written, please report "
         "this");
  }
  return bytes;
}

std::string losses_text(const TuneReport& report) {
  std::string text = fmt::format("held-out loss {:.5f}, was {:.5f}, unquantized {:.5f}", report.loss_after,
                                 report.loss_before, report.loss_unquantized);
  const double gap = report.loss_before - report.loss_unquantized;
  if (gap > 0) {
    text += fmt::format(": {:.0f} % of the gap", 100 * (report.loss_before - report.loss_after) / gap);
  }
  return text;
}

Json report_json(const TuneOptions& options, const EvalModel& model, const EvalData& data,
                 const TuneReport& report, const Fingerprint& tuned, bool written, const BudgetReport& budget,
                 double seconds) {
  Json shards = Json::array();
  for (const TokenizedText::Shard& shard : data.text.shards) shards.push_back(to_json(shard.file));
  return Json::object({{"schema", "golf.eval.tune/1"},
                       {"version", project_version()},
                       {"model", to_json(model.file)},
                       {"data", std::move(shards)},
                       {"objective", options.objective},
                       {"steps", report.steps},
                       {"tensors", report.tensors},
                       {"floats", report.floats},
                       {"train_tokens", report.train_tokens},
                       {"held_out_tokens", report.held_out_tokens},
                       {"loss_before", report.loss_before},
                       {"loss_after", report.loss_after},
                       {"loss_unquantized", report.loss_unquantized},
                       {"written", written},
                       {"tuned", to_json(tuned)},
                       {"budget", to_json(budget)},
                       {"seconds", seconds}});
}

ExitCode tune_and_write(const TuneOptions& options, const CommonOptions& common, Console& console) {
  const auto start = std::chrono::steady_clock::now();
  const Runtime runtime = runtime_with_gradients(options.model);
  prepare_processor(common.threads);
  BudgetReport budget = complete_request(options.pack, console).budget;
  EvalModel model = read_model(options.model, common.threads, console);
  if (!model.artifact) {
    throw UsageError(model.file.path + ": is a checkpoint: golf-pack makes an artifact of it first");
  }
  if (model.artifact->info.format != ArtifactFormat::kGolf) {
    throw UsageError(model.file.path +
                     ": a .ptz has no place to say what text it was tuned on: golf-pack makes a .golf of it");
  }
  const EvalData data = load_eval_data(options.text, model);
  if (!options.allow_validation) refuse_validation_shards(data);
  const TensorSet unquantized = read_counterpart(options.checkpoint, model, common.threads, console);

  Artifact& artifact = *model.artifact;
  const TuneSettings settings{
      .objective = options.objective == "loss" ? TuneObjective::kLoss : TuneObjective::kDistill,
      .seq_len = options.seq_len.value_or(model.spec.eval.seq_len),
      .steps = options.steps,
      .seconds = options.seconds,
      .batch_tokens = options.batch_tokens,
      .lr = options.lr};
  TuneReport report;
  try {
    report =
        tune(artifact.model, model.spec.model, unquantized, data.text, settings, runtime, console.progress());
  } catch (const Error& error) {
    fail_within(model.file.path, error);
  }
  record_text(artifact.info.provenance, options, data, report);
  const Bytes bytes = encode_checked(artifact, common.threads, console.progress());
  budget.artifact_bytes = bytes.size();
  const bool written = report.improved() && budget.fits();
  if (written) write_file_atomic(options.output, bytes);

  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  const Fingerprint tuned{options.output, bytes.size(), sha256_hex(bytes)};
  if (common.json) {
    console.result_json(report_json(options, model, data, report, tuned, written, budget, seconds));
  } else {
    console.report(fmt::format(
        "{}{}, {} before\n{}\n{} floats of {} tensors, {} steps on {} tokens, {} held out, {:.1f} s\n",
        written ? "" : "not written: ", to_text(tuned, console.style()), with_separators(model.file.bytes),
        losses_text(report), with_separators(report.floats), report.tensors, report.steps,
        with_separators(report.train_tokens), with_separators(report.held_out_tokens), seconds));
  }
  if (!budget.fits()) {
    console.refuse(over_budget_line(options.output, budget));
  } else if (!report.improved()) {
    console.refuse(
        fmt::format("{}: tuning does not lower the held-out loss: nothing was written", model.file.path));
  }
  return written ? ExitCode::kDone : ExitCode::kCheckFailed;
}

}  // namespace

ExitCode tune_model(const TuneOptions& options, const CommonOptions& common) {
  Console console("golf-eval", common, options.output == "-");
  return on_device(options.model, [&] { return tune_and_write(options, common, console); });
}

}  // namespace golf
