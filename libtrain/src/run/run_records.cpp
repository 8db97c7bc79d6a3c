#include "run/run_records.h"

#include <fmt/format.h>

#include "golf/train/run/step_cost.h"

namespace golf {
namespace {

/// In the form of golf-eval's results: one element a mode.
Json results(const EvalResult& result) {
  Json list = Json::array();
  list.push_back(to_json(result));
  return list;
}

/// "8 x NVIDIA H100 80GB HBM3", or the device as LibTorch calls it.
std::string hardware(const RunEnvironment& environment) {
  if (environment.device_name.empty()) return environment.device;
  return fmt::format("{} x {}", environment.world_size, environment.device_name);
}

/// What packing the weights took and cost, in the form of golf-eval's "roundtrip".
Json roundtrip_json(const TrainReport& report) {
  Json json = Json::object({{"recipe", report.recipe}, {"codec", report.codec}});
  for (const auto& [key, value] : report.packing.as_object()) json[key] = value;
  json["results"] = results(report.after);
  if (report.adapted) json["adapted"] = results(*report.adapted);
  json["gaps"] = gaps_json({&report.before, 1}, {&report.after, 1});
  return json;
}

}  // namespace

Json run_record(const TrainConfig& config, const RunEnvironment& environment) {
  return Json::object({{"kind", "run"},
                       {"schema", "golf.metrics/1"},
                       {"version", environment.version},
                       {"libtorch_version", environment.libtorch_version},
                       {"device", environment.device},
                       {"device_name", environment.device_name},
                       {"dtype", environment.dtype},
                       {"threads", environment.threads},
                       {"world_size", environment.world_size},
                       {"parameters", environment.parameters},
                       {"operations_per_token", operations_per_token(config)},
                       {"config", to_json(config)}});
}

Json resume_record(int64_t step, const TrainConfig& config, const RunEnvironment& environment) {
  return Json::object({{"kind", "resume"},
                       {"step", step},
                       {"version", environment.version},
                       {"libtorch_version", environment.libtorch_version},
                       {"device", environment.device},
                       {"threads", environment.threads},
                       {"world_size", environment.world_size},
                       {"config", to_json(config)}});
}

Json to_json(const StepRecord& record) {
  Json lrs = Json::object();
  for (const auto& [group, lr] : record.lrs) lrs[group] = lr;
  Json json = Json::object({{"kind", "step"},
                            {"step", record.step},
                            {"train_loss", record.train_loss},
                            {"grad_norm", record.grad_norm},
                            {"lr_multiplier", record.lr_multiplier},
                            {"lrs", std::move(lrs)},
                            {"muon_momentum", record.muon_momentum},
                            {"qat", record.qat},
                            {"recurrence", record.recurrence},
                            {"seq_len", record.seq_len},
                            {"swa_snapshots", record.swa_snapshots},
                            {"train_ms", record.train_ms},
                            {"tokens", record.tokens}});
  if (record.mfu) json["mfu"] = *record.mfu;
  return json;
}

Json validation_record(int64_t step, const EvalResult& result, double train_ms) {
  return Json::object({{"kind", "validation"},
                       {"step", step},
                       {"val_loss", result.val_loss},
                       {"val_bpb", result.val_bpb},
                       {"tokens", result.tokens},
                       {"bytes", result.bytes},
                       {"train_ms", train_ms}});
}

Json evaluation_record(const TrainConfig& config, const TrainReport& report,
                       const RunEnvironment& environment) {
  return Json::object({{"schema", "golf.eval/1"},
                       {"version", environment.version},
                       {"model", Json::object({{"path", "final.safetensors"},
                                               {"kind", "checkpoint"},
                                               {"parameters", environment.parameters},
                                               {"config", to_json(config.model)}})},
                       {"device", environment.device},
                       {"dtype", environment.dtype},
                       {"threads", environment.threads},
                       {"results", results(report.before)},
                       {"artifact_bytes", report.budget.artifact_bytes},
                       {"budget", to_json(report.budget)},
                       {"roundtrip", roundtrip_json(report)}});
}

Json submission_record(const TrainConfig& config, const TrainReport& report,
                       const RunEnvironment& environment, const std::string& date) {
  const EvalResult& scored = report.adapted ? *report.adapted : report.after;
  Json record =
      Json::object({{"author", ""},
                    {"github_id", ""},
                    {"name", config.name},
                    {"blurb", fmt::format("{} parameters, {}+{}, trained with {}", environment.parameters,
                                          report.recipe, report.codec, environment.version)},
                    {"date", date},
                    {"val_loss", scored.val_loss},
                    {"val_bpb", scored.val_bpb},
                    {"bytes_total", report.budget.total_bytes()},
                    {"bytes_code", report.budget.code_bytes()},
                    {"bytes_model", report.budget.artifact_bytes},
                    {"pre_quant_val_loss", report.before.val_loss},
                    {"pre_quant_val_bpb", report.before.val_bpb},
                    {"step_stop", report.steps},
                    {"wallclock_seconds", report.train_seconds},
                    {"eval_time_seconds", scored.seconds},
                    {"seed", config.training.seed},
                    {"hardware", hardware(environment)}});
  if (report.adapted) {
    record["quantized_val_loss"] = report.after.val_loss;
    record["quantized_val_bpb"] = report.after.val_bpb;
  }
  return record;
}

Json to_json(const TrainReport& report) {
  return Json::object({{"schema", "golf.train/1"},
                       {"steps", report.steps},
                       {"tokens", report.tokens},
                       {"stopped_by", report.stopped_by_clock ? "wallclock" : "iterations"},
                       {"train_seconds", report.train_seconds},
                       {"calibration_seconds", report.calibration_seconds},
                       {"packing_seconds", report.packing_seconds},
                       {"results", results(report.before)},
                       {"artifact_path", report.artifact_path},
                       {"artifact_bytes", report.budget.artifact_bytes},
                       {"budget", to_json(report.budget)},
                       {"roundtrip", roundtrip_json(report)}});
}

}  // namespace golf
