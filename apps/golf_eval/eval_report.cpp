#include "golf_eval/eval_report.h"

#include <fmt/format.h>

#include "common/run_main.h"
#include "common/sizes.h"
#include "common/text_table.h"
#include "golf_eval/eval_views.h"

namespace golf {
namespace {

Json results_json(const std::vector<EvalResult>& results) {
  Json json = Json::array();
  for (const EvalResult& result : results) json.push_back(to_json(result));
  return json;
}

std::string choice_text(const DtypeChoice& choice) {
  std::string text = fmt::format("dtype by measurement on {} tokens, at most {:g} bpb from fp32:",
                                 with_separators(choice.tokens), choice.tolerance);
  for (const DtypeChoice::Trial& trial : choice.trials) {
    text += fmt::format("{} {} {:.0f} tokens/s, {:+.6f} bpb{}", &trial == &choice.trials.front() ? "" : ";",
                        trial.dtype, trial.tokens_per_second, trial.bpb_difference,
                        trial.dtype == choice.chosen ? " (used)"
                        : trial.allowed              ? ""
                                                     : " (too far)");
  }
  return text + "\n";
}

}  // namespace

Json to_json(const EvalReport& report) {
  Json model = to_json(report.model);
  model["kind"] = report.model_kind;
  model["parameters"] = report.parameters;
  model["config"] = to_json(report.config);

  Json json = Json::object({{"schema", "golf.eval/1"},
                            {"version", project_version()},
                            {"commit", git_commit()},
                            {"model", std::move(model)},
                            {"data", data_json(*report.data)},
                            {"tokenizer", tokenizer_json(*report.data)},
                            {"byte_count_check", to_json(report.byte_count)},
                            {"device", report.device},
                            {"dtype", report.dtype},
                            {"threads", report.threads},
                            {"results", results_json(report.results)},
                            {"artifact_bytes", report.budget ? Json(report.budget->artifact_bytes) : Json()},
                            {"budget", report.budget ? to_json(*report.budget) : Json()}});
  if (report.dtype_choice) json["dtype_choice"] = to_json(*report.dtype_choice);
  if (report.int8) json["int8_matrices"] = to_json(*report.int8);
  if (report.paid_prefix) {
    json["paid_prefix"] = to_json(report.paid_prefix->file);
    json["paid_prefix"]["tokens"] = report.paid_prefix->tokens;
  }
  if (report.roundtrip) {
    const ArtifactInfo& info = report.roundtrip->packed.artifact.info;
    Json roundtrip = Json::object({{"recipe", info.recipe}, {"codec", to_string(info.codec)}});
    add_packing(roundtrip, report.roundtrip->packed);
    roundtrip["results"] = results_json(report.roundtrip->results);
    roundtrip["gaps"] = gaps_json(report.results, report.roundtrip->results);
    json["roundtrip"] = std::move(roundtrip);
  }
  return json;
}

std::string to_text(const EvalReport& report, const Style& style) {
  ResultTable table;
  const std::string own = report.roundtrip ? "before" : "as stored";
  for (size_t i = 0; i < report.results.size(); ++i) {
    table.add(own, report.results[i]);
    if (report.roundtrip) {
      table.add(report.roundtrip->packed.artifact.info.recipe, report.roundtrip->results[i]);
    }
  }
  std::string text = table.render(style) + "\n";
  for (size_t i = 0; report.roundtrip && i < report.results.size(); ++i) {
    const EvalResult& before = report.results[i];
    const ArtifactInfo& info = report.roundtrip->packed.artifact.info;
    text += fmt::format("quantization gap, {}: {:+.6f} bpb with {} and {}\n", mode_name(before),
                        report.roundtrip->results[i].val_bpb - before.val_bpb, info.recipe,
                        to_string(info.codec));
  }
  if (report.roundtrip && report.roundtrip->packed.predicted_gap_bpb) {
    text +=
        fmt::format("predicted quantization gap: {:.6f} bpb\n", *report.roundtrip->packed.predicted_gap_bpb);
  }
  text += identity_text(*report.data) + byte_count_text(report.byte_count);
  for (const EvalResult& result : report.results) text += coverage_text(result);
  for (const EvalResult& result : report.results) text += normalization_text(result);
  for (const EvalResult& result : report.results) text += adaptation_text(result);
  text += "\n" + fmt::format("{}: {}, {} bytes, {} parameters\n", style.bold(report.model.path),
                             report.model_kind, with_separators(report.model.bytes),
                             with_separators(report.parameters));
  text += data_text(*report.data, style);
  text += fmt::format("{} tokens; {} {}, {} thread{}\n", with_separators(report.data->text.view().size()),
                      report.device, report.dtype, report.threads, report.threads == 1 ? "" : "s");
  if (report.dtype_choice) text += choice_text(*report.dtype_choice);
  if (report.int8) {
    text += fmt::format("int8: {} matrices are the artifact's own integers, {} were rounded\n",
                        report.int8->exact, report.int8->rounded);
  }
  if (report.budget) text += "artifact: " + budget_text(*report.budget, style);
  if (const auto& prefix = report.paid_prefix) {
    text += fmt::format("{}, {} tokens: {}\n", to_text(prefix->file, style), with_separators(prefix->tokens),
                        report.budget ? "counted in the artifact" : "to be counted in the artifact");
  }
  return text;
}

}  // namespace golf
