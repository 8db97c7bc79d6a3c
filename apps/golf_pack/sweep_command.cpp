#include "golf_pack/sweep_command.h"

#include <fmt/format.h>

#include <cmath>
#include <vector>

#include "common/console.h"
#include "common/run_main.h"
#include "common/text_table.h"
#include "common/version.h"
#include "golf/artifact/base/file.h"
#include "golf/artifact/base/json.h"
#include "golf/artifact/quantize/quantizer.h"
#include "golf_pack/pack_plan.h"

namespace golf {
namespace {

struct Point {
  double level = 0.0;
  uint64_t artifact_bytes = 0;
  double bits_per_weight = 0.0;  ///< of the whole artifact
  double relative_error = 0.0;
};

/// From the finest level to the coarsest in equal ratios.
double level_at(const SweepOptions& options, int64_t point) {
  const double part = static_cast<double>(point) / static_cast<double>(options.points - 1);
  return options.finest * std::pow(options.coarsest / options.finest, part);
}

std::string sweep_text(const std::vector<Point>& points, const BudgetReport& budget, const Style& style) {
  TextTable table({{"level"}, {"artifact"}, {"with code"}, {"left"}, {"bits/weight"}, {"error, dB"}});
  for (const Point& point : points) {
    BudgetReport report = budget;
    report.artifact_bytes = point.artifact_bytes;
    table.add({fmt::format("{:.4f}", point.level), with_separators(point.artifact_bytes),
               with_separators(report.total_bytes()), with_sign(report.margin_bytes()),
               fmt::format("{:.3f}", point.bits_per_weight),
               fmt::format("{:.2f}", 10 * std::log10(point.relative_error))});
  }
  return table.render(style);
}

Json sweep_json(const std::vector<Point>& points, const BudgetReport& budget) {
  Json json = Json::object();
  json["schema"] = "golf.sweep/1";
  json["version"] = project_version();
  json["limit_bytes"] = budget.limit_bytes;
  json["code_bytes"] = budget.code_bytes();
  Json rows = Json::array();
  for (const Point& point : points) {
    Json row = Json::object();
    row["level"] = point.level;
    row["artifact_bytes"] = point.artifact_bytes;
    row["bits_per_weight"] = point.bits_per_weight;
    row["relative_error"] = point.relative_error;
    rows.push_back(std::move(row));
  }
  json["points"] = std::move(rows);
  return json;
}

}  // namespace

ExitCode sweep_command(const SweepOptions& options, const CommonOptions& common) {
  if (options.finest >= options.coarsest) throw UsageError("--finest must be below --coarsest");
  Console console("golf-pack", common);
  const std::string& input = options.pack.input;
  const std::string what = input == "-" ? "standard input" : printable(input);
  const PackPlan plan = make_plan(options.pack);
  const Bytes bytes = read_file(input);
  if (is_artifact(bytes)) throw UsageError(what + ": is an artifact, its weights are already quantised");
  const LoadedModel model = load_model(bytes, what, plan.spec, common.threads);
  const QuantRecipe recipe = recipe_of(plan, options.pack);
  double weights = 0.0;
  for (const auto& [name, tensor] : model.tensors) weights += static_cast<double>(tensor.elements());

  std::vector<Point> points;
  try {
    const Quantizer quantizer(model.tensors, recipe,
                              {.overrides = plan.overrides,
                               .calibration = plan.calibration ? &*plan.calibration : nullptr,
                               .threads = common.threads});
    if (quantizer.free_weights() == 0) {
      throw UsageError(
          "no tensor has steps to sweep: use --set or a recipe with ecsq or tcq, without a number");
    }
    Artifact artifact = empty_artifact(model, plan, recipe);
    ProgressSink progress = console.progress();
    for (int64_t i = 0; i < options.points; ++i) {
      Point point{.level = level_at(options, i)};
      artifact.model = quantizer.quantize(point.level);
      point.artifact_bytes = encode_checked(artifact, common, {}).size();
      point.bits_per_weight = 8.0 * static_cast<double>(point.artifact_bytes) / weights;
      point.relative_error = quantizer.relative_error(artifact.model);
      points.push_back(point);
      if (progress) {
        progress({.stage = "sweep",
                  .done = static_cast<uint64_t>(i) + 1,
                  .total = static_cast<uint64_t>(options.points),
                  .unit = "levels",
                  .note = ""});
      }
    }
  } catch (const Error& error) {
    if (error.code() == ErrorCode::kInvalidArgument) throw UsageError(error.what());
    fail_within(what, error);
  }
  if (common.json) {
    console.result_json(sweep_json(points, plan.budget));
  } else {
    console.result(sweep_text(points, plan.budget, console.style()));
  }
  return ExitCode::kDone;
}

}  // namespace golf
