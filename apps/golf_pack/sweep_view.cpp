#include "golf_pack/sweep_view.h"

#include <fmt/format.h>

#include "common/text_table.h"
#include "common/version.h"

namespace golf {

std::string sweep_text(const Sweep& sweep, const Style& style) {
  std::vector<Column> columns = {{"level"}, {"artifact"},    {"with code"},
                                 {"left"},  {"bits/weight"}, {"error, dB"}};
  if (sweep.has_predictions()) columns.push_back({"predicted"});
  if (sweep.unquantised) columns.insert(columns.end(), {{"bpb"}, {"gap"}});
  TextTable table(columns);
  for (const SweepPoint& point : sweep.points) {
    BudgetReport report = sweep.budget;
    report.artifact_bytes = point.artifact_bytes;
    std::vector<std::string> cells = {
        fmt::format("{:.4f}", point.level),           with_separators(point.artifact_bytes),
        with_separators(report.total_bytes()),        with_sign(report.margin_bytes()),
        fmt::format("{:.3f}", point.bits_per_weight), fmt::format("{:.2f}", point.error_decibels())};
    const auto add = [&](const char* format, const std::optional<double>& value) {
      cells.push_back(value ? fmt::format(fmt::runtime(format), *value) : "-");
    };
    if (sweep.has_predictions()) add("{:+.5f}", point.predicted_gap);
    if (sweep.unquantised) {
      add("{:.4f}", point.bpb);
      add("{:+.5f}", sweep.gap(point));
    }
    table.add(std::move(cells));
  }
  std::string text = table.render(style);
  if (sweep.unquantised) {
    text += fmt::format("before quantising: {:.4f} bpb of {} tokens\n", sweep.unquantised->bpb,
                        with_separators(sweep.unquantised->tokens));
  }
  return text;
}

Json sweep_json(const Sweep& sweep) {
  Json json = Json::object({{"schema", "golf.sweep/1"},
                            {"version", project_version()},
                            {"recipe", sweep.recipe},
                            {"codec", sweep.codec},
                            {"limit_bytes", sweep.budget.limit_bytes},
                            {"code_bytes", sweep.budget.code_bytes()}});
  if (sweep.unquantised) {
    json["unquantised_bpb"] = sweep.unquantised->bpb;
    json["tokens"] = sweep.unquantised->tokens;
  }
  Json rows = Json::array();
  for (const SweepPoint& point : sweep.points) {
    Json row = Json::object({{"level", point.level},
                             {"artifact_bytes", point.artifact_bytes},
                             {"bits_per_weight", point.bits_per_weight},
                             {"relative_error", point.relative_error}});
    if (point.predicted_gap) row["predicted_gap_bpb"] = *point.predicted_gap;
    if (point.bpb) row["bpb"] = *point.bpb;
    if (const auto gap = sweep.gap(point)) row["gap_bpb"] = *gap;
    rows.push_back(std::move(row));
  }
  json["points"] = std::move(rows);
  return json;
}

}  // namespace golf
