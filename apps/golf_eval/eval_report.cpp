#include "golf_eval/eval_report.h"

#include <fmt/format.h>

#include "common/budget_view.h"
#include "common/text_table.h"
#include "common/version.h"

namespace golf {
namespace {

Json results_json(const std::vector<EvalResult>& results) {
  Json json = Json::array();
  for (const EvalResult& result : results) json.push_back(to_json(result));
  return json;
}

Json data_json(const EvalData& data) {
  Json files = Json::array();
  for (const EvalData::Shard& shard : data.shards) {
    Json file = to_json(shard.file);
    file["tokens"] = shard.tokens;
    files.push_back(std::move(file));
  }
  return Json::object({{"tokens", static_cast<int64_t>(data.tokens.size())}, {"files", std::move(files)}});
}

/// What packing costs, for each mode.
Json gap_json(const EvalReport& report) {
  Json gaps = Json::array();
  for (size_t i = 0; i < report.results.size(); ++i) {
    const EvalResult& before = report.results[i];
    const EvalResult& after = report.roundtrip->results[i];
    gaps.push_back(Json::object({{"mode", mode_name(before.settings.mode)},
                                 {"val_loss", after.val_loss - before.val_loss},
                                 {"val_bpb", after.val_bpb - before.val_bpb}}));
  }
  return gaps;
}

std::string count(int64_t value) { return with_separators(static_cast<uint64_t>(value)); }

void add_row(TextTable& table, const std::string& weights, const EvalResult& result) {
  std::string mode(mode_name(result.settings.mode));
  if (result.settings.mode == EvalMode::kSliding) {
    mode += fmt::format(" {}/{} {}", result.settings.seq_len, result.settings.stride,
                        policy_name(result.settings.policy));
  } else {
    mode += fmt::format(" {}", result.settings.seq_len);
  }
  table.add({mode, weights, fmt::format("{:.4f}", result.val_bpb), fmt::format("{:.4f}", result.val_loss),
             count(result.tokens), count(result.bytes), count(result.windows),
             fmt::format("{:.1f}", result.seconds), fmt::format("{:.0f}", result.tokens_per_second)});
}

/// Which tokens of the stream the figures say nothing about, or count twice.
std::string coverage_text(const EvalResult& result) {
  const Coverage& coverage = result.coverage;
  std::string text = fmt::format("{}: not scored: the first token", mode_name(result.settings.mode));
  if (coverage.unscored_head > 0) text += fmt::format(", the next {}", count(coverage.unscored_head));
  if (coverage.unscored_others > 0) text += fmt::format(", {} at the end", count(coverage.unscored_others));
  if (result.dropped_tail > 0)
    text += fmt::format(", {} beyond the last sequence", count(result.dropped_tail));
  if (coverage.repeated > 0) text += fmt::format("; scored again: {}", count(coverage.repeated));
  return text + "\n";
}

}  // namespace

Json to_json(const EvalReport& report) {
  Json model = to_json(report.model);
  model["kind"] = report.model_kind;
  model["parameters"] = report.parameters;
  model["config"] = to_json(report.config);
  Json tokenizer = to_json(report.data->tokenizer);
  tokenizer["pieces"] = report.data->pieces;

  Json json = Json::object({{"schema", "golf.eval/1"},
                            {"version", project_version()},
                            {"commit", git_commit()},
                            {"model", std::move(model)},
                            {"data", data_json(*report.data)},
                            {"tokenizer", std::move(tokenizer)},
                            {"device", report.device},
                            {"dtype", report.dtype},
                            {"threads", report.threads},
                            {"results", results_json(report.results)},
                            {"artifact_bytes", report.budget ? Json(report.budget->artifact_bytes) : Json()},
                            {"budget", report.budget ? budget_json(*report.budget) : Json()}});
  if (report.roundtrip) {
    json["roundtrip"] = Json::object({{"recipe", report.roundtrip->recipe},
                                      {"codec", report.roundtrip->codec},
                                      {"results", results_json(report.roundtrip->results)},
                                      {"gap", gap_json(report)}});
  }
  return json;
}

std::string to_text(const EvalReport& report, const Style& style) {
  std::string text =
      fmt::format("{}: {}, {} bytes, {} parameters\n", style.bold(report.model.path), report.model_kind,
                  with_separators(report.model.bytes), count(report.parameters));
  text += fmt::format("{} tokens of {} file{}; {} {}, {} thread{}\n",
                      count(static_cast<int64_t>(report.data->tokens.size())), report.data->shards.size(),
                      report.data->shards.size() == 1 ? "" : "s", report.device, report.dtype, report.threads,
                      report.threads == 1 ? "" : "s");
  if (report.budget) text += "artifact: " + budget_text(*report.budget, style);
  TextTable table({{"mode", Align::kLeft},
                   {"weights", Align::kLeft},
                   {"val_bpb"},
                   {"val_loss"},
                   {"tokens"},
                   {"bytes"},
                   {"windows"},
                   {"seconds"},
                   {"tokens/s"}});
  const std::string own = report.roundtrip ? "before" : "as stored";
  for (size_t i = 0; i < report.results.size(); ++i) {
    add_row(table, own, report.results[i]);
    if (report.roundtrip) add_row(table, report.roundtrip->recipe, report.roundtrip->results[i]);
  }
  text += "\n" + table.render(style) + "\n";
  for (size_t i = 0; report.roundtrip && i < report.results.size(); ++i) {
    const EvalResult& before = report.results[i];
    text += fmt::format("gap {}: {:+.6f} bpb after {} and {}\n", mode_name(before.settings.mode),
                        report.roundtrip->results[i].val_bpb - before.val_bpb, report.roundtrip->recipe,
                        report.roundtrip->codec);
  }
  for (const EvalResult& result : report.results) text += coverage_text(result);
  return text;
}

}  // namespace golf
