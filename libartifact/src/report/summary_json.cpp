#include "golf/artifact/report/file_report.h"

namespace golf {
namespace {

Json row_json(const BreakdownRow& row, BreakdownKey by) {
  Json schemes = Json::array();
  for (const std::string& scheme : row.schemes) schemes.push_back(scheme);
  Json bits;
  if (row.elements > 0) bits = 8.0 * static_cast<double>(row.bytes()) / static_cast<double>(row.elements);
  Json json = Json::object({{"name", row.label},
                            {"overhead", row.overhead},
                            {"schemes", std::move(schemes)},
                            {"tensors", static_cast<uint64_t>(row.tensors.size())},
                            {"elements", row.elements},
                            {"raw_bytes", row.raw_bytes},
                            {"bytes", row.bytes()},
                            {"payload_bytes", row.payload_bytes},
                            {"scales_bytes", row.scales_bytes},
                            {"other_bytes", row.other_bytes},
                            {"bits_per_weight", std::move(bits)},
                            {"attribution", row.apportioned ? "apportioned" : "section"}});
  if (by == BreakdownKey::kTensor) {
    json["group"] = row.group;
    json["layer"] = nullptr;
    if (row.layer >= 0) json["layer"] = row.layer;
  }
  return json;
}

Json artifact_json(const ArtifactInfo& info) {
  Json provenance = Json::object();
  for (const auto& [key, value] : info.provenance) provenance[key] = value;
  return Json::object({{"format", format_name(info.format)},
                       {"codec", to_string(info.codec)},
                       {"recipe", info.recipe},
                       {"ptz_layout", info.ptz_layout},
                       {"provenance", std::move(provenance)}});
}

}  // namespace

Json summary_json(const FileReport& report, const std::optional<BudgetReport>& budget,
                  const RowSelection& selection) {
  Json json =
      Json::object({{"path", report.name}, {"kind", report.kind_name}, {"bytes", report.sizes.file_bytes}});
  if (report.artifact) json["artifact"] = artifact_json(*report.artifact);
  if (report.is_model()) json["model_spec"] = report.spec ? to_json(*report.spec) : Json();
  for (const auto& [key, value] : report.facts) json[key] = value;
  if (budget) json["budget"] = to_json(*budget);
  json["by"] = breakdown_key_name(selection.by);
  Json rows = Json::array();
  for (const BreakdownRow& row : select_rows(report.sizes, selection))
    rows.push_back(row_json(row, selection.by));
  json["rows"] = std::move(rows);
  Json warnings = Json::array();
  for (const std::string& warning : report.warnings) warnings.push_back(warning);
  json["warnings"] = std::move(warnings);
  return json;
}

}  // namespace golf
