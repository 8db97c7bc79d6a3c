#include "golf_pack/pack_report.h"

#include <fmt/format.h>

#include <cmath>

#include "common/size_breakdown.h"
#include "common/text_table.h"
#include "common/version.h"
#include "golf/artifact/base/file.h"
#include "golf/artifact/spec/tensor_inventory.h"

namespace golf {
namespace {

struct GroupRow {
  BreakdownRow after;
  uint64_t before_bytes = 0;
};

/// The groups of the artifact with what their tensors were before; groups of which nothing is left come last.
std::vector<GroupRow> group_rows(const PackReport& report) {
  std::map<std::string, uint64_t> before;
  for (const auto& [name, bytes] : report.original_bytes)
    before[std::string(role_name(role_of(name)))] += bytes;
  std::vector<GroupRow> rows;
  for (BreakdownRow& row : break_down(report.sizes, BreakdownKey::kGroup)) {
    const auto found = row.overhead ? before.end() : before.find(row.label);
    GroupRow& added = rows.emplace_back(GroupRow{std::move(row), 0});
    if (found == before.end()) continue;
    added.before_bytes = found->second;
    before.erase(found);
  }
  for (const auto& [group, bytes] : before) {
    GroupRow& dropped = rows.emplace_back();
    dropped.after.label = group;
    dropped.after.schemes = {"drop"};
    dropped.before_bytes = bytes;
  }
  return rows;
}

std::string_view fit_end_name(FitReport::End end) {
  switch (end) {
    case FitReport::End::kLanded:
      return "landed";
    case FitReport::End::kFinest:
      return "finest";
    case FitReport::End::kNearest:
      return "nearest";
    case FitReport::End::kTooLarge:
      return "too_large";
  }
  return "";
}

std::string fit_text(const FitReport& fit) {
  std::string text =
      fmt::format("\nfitted: steps of level {:.5g}, relative error {:.2f} dB, found by packing {} times",
                  fit.level, 10 * std::log10(fit.relative_error), fit.probes);
  if (fit.float16_tensors > 0) {
    text += fmt::format("; {} tensor{} as float16, the finest steps leaving bytes over", fit.float16_tensors,
                        fit.float16_tensors == 1 ? "" : "s");
  }
  if (fit.end == FitReport::End::kFinest) text += "; nothing finer is to be had";
  if (fit.end == FitReport::End::kNearest) text += "; no level comes nearer";
  return text + "\n";
}

std::string_view gap_end_name(GapFit::End end) {
  switch (end) {
    case GapFit::End::kLanded:
      return "landed";
    case GapFit::End::kUnreachable:
      return "unreachable";
    case GapFit::End::kCoarsest:
      return "coarsest";
  }
  return "";
}

std::string gap_fit_text(const GapFit& fit) {
  std::string text =
      fmt::format("\nfitted: steps of level {:.5g}, found by quantising {} times", fit.level, fit.probes);
  if (fit.end == GapFit::End::kUnreachable) text += "; even the finest steps lose more than the target";
  if (fit.end == GapFit::End::kCoarsest) text += "; no coarser steps are to be had";
  return text + "\n";
}

}  // namespace

std::string pack_report_text(const PackReport& report, const Style& style) {
  std::string text = budget_text(report.budget, style);
  text +=
      fmt::format("\n{} -> {}: {}, {}codec {}\n\n", printable(report.input),
                  report.output.empty()  ? "(dry run, nothing written)"
                  : report.output == "-" ? "standard output"
                                         : printable(report.output),
                  format_name(report.info.format),
                  report.info.recipe.empty() ? "" : fmt::format("recipe {}, ", printable(report.info.recipe)),
                  to_string(report.info.codec));
  TextTable table({{"group", Align::kLeft},
                   {"scheme", Align::kLeft},
                   {"tensors"},
                   {"weights"},
                   {"bytes before"},
                   {"bytes after"},
                   {"share"},
                   {"bits/weight"}});
  GroupRow total;
  const uint64_t file_bytes = report.sizes.file_bytes;
  const auto add = [&](const GroupRow& row) {
    const BreakdownRow& after = row.after;
    table.add({after.label, after.scheme_list(), after.overhead ? "" : with_separators(after.tensors.size()),
               after.overhead ? "" : with_separators(after.elements),
               after.overhead ? "" : with_separators(row.before_bytes), with_separators(after.bytes()),
               percent(after.bytes(), file_bytes), after.overhead ? "" : bits_per_weight(after)});
  };
  for (const GroupRow& row : group_rows(report)) {
    add(row);
    total.after.add(row.after);
    total.before_bytes += row.before_bytes;
  }
  total.after.label = "total";
  total.after.schemes.clear();
  table.add_rule();
  add(total);
  text += table.render(style);
  if (report.fit) text += fit_text(*report.fit);
  if (report.gap_fit) text += gap_fit_text(*report.gap_fit);
  if (report.expected_gap) {
    text += fmt::format("expected: {:.5f} bits per byte more than before packing\n", *report.expected_gap);
  }
  if (report.prune) {
    text += fmt::format("\npruned {} of {} int6 values of ±1: {} bytes without, {} with\n",
                        with_separators(report.prune->zeroed), with_separators(report.prune->candidates),
                        with_separators(report.prune->unpruned_bytes),
                        with_separators(report.prune->pruned_bytes));
  }
  if (report.verified) text += "\nverified: what was written decodes to the stored weights, bit for bit\n";
  return text;
}

Json pack_report_json(const PackReport& report) {
  Json json = Json::object();
  json["schema"] = "golf.pack/1";
  json["version"] = project_version();
  json["commit"] = git_commit();
  Json input = Json::object();
  input["path"] = report.input;
  input["bytes"] = report.input_bytes;
  input["sha256"] = report.input_sha256;
  json["input"] = std::move(input);
  Json artifact = Json::object();
  artifact["path"] = report.output.empty() ? Json() : Json(report.output);
  artifact["bytes"] = report.sizes.file_bytes;
  artifact["sha256"] = report.output_sha256;
  artifact["format"] = format_name(report.info.format);
  artifact["recipe"] = report.info.recipe;
  artifact["codec"] = to_string(report.info.codec);
  artifact["codec_library"] = codec_row(report.info.codec.id).library_version();
  artifact["has_model_config"] = report.info.spec.has_value();
  json["artifact"] = std::move(artifact);
  json["budget"] = budget_json(report.budget);
  Json groups = Json::array();
  for (const GroupRow& row : group_rows(report)) {
    Json group = Json::object();
    group["name"] = row.after.label;
    Json schemes = Json::array();
    for (const std::string& scheme : row.after.schemes) schemes.push_back(scheme);
    group["schemes"] = std::move(schemes);
    group["tensors"] = static_cast<uint64_t>(row.after.tensors.size());
    group["elements"] = row.after.elements;
    group["bytes_before"] = row.before_bytes;
    group["bytes_after"] = row.after.bytes();
    group["attribution"] = row.after.apportioned ? "apportioned" : "section";
    groups.push_back(std::move(group));
  }
  json["groups"] = std::move(groups);
  if (report.fit) {
    Json fit = Json::object();
    fit["level"] = report.fit->level;
    fit["probes"] = report.fit->probes;
    fit["relative_error"] = report.fit->relative_error;
    fit["float16_tensors"] = report.fit->float16_tensors;
    fit["end"] = fit_end_name(report.fit->end);
    json["fit"] = std::move(fit);
  }
  if (report.gap_fit) {
    Json fit = Json::object();
    fit["level"] = report.gap_fit->level;
    fit["probes"] = report.gap_fit->probes;
    fit["end"] = gap_end_name(report.gap_fit->end);
    json["gap_fit"] = std::move(fit);
  }
  if (report.expected_gap) json["expected_gap"] = *report.expected_gap;
  if (report.prune) {
    Json prune = Json::object();
    prune["candidates"] = report.prune->candidates;
    prune["zeroed"] = report.prune->zeroed;
    prune["unpruned_bytes"] = report.prune->unpruned_bytes;
    prune["pruned_bytes"] = report.prune->pruned_bytes;
    json["prune"] = std::move(prune);
  }
  if (!report.decoder.empty()) json["decoder"] = report.decoder;
  json["verified"] = report.verified;
  return json;
}

}  // namespace golf
