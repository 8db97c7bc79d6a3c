#include <fmt/format.h>

#include <algorithm>

#include "common/sizes.h"
#include "common/text_table.h"
#include "golf/artifact/base/file.h"
#include "golf/artifact/spec/model_summary.h"
#include "golf_inspect/views.h"

namespace golf {
namespace {

std::string fact_text(const Json& value) {
  return value.is_string() ? printable(value.as_string()) : with_separators(value.as_uint());
}

/// What the file says about itself, as lines of a name and a value.
std::vector<std::pair<std::string, std::string>> facts_of(const FileReport& report, const Style& style) {
  std::vector<std::pair<std::string, std::string>> facts;
  const auto shown = [&](std::string_view key) { return style.verbose() || !key.ends_with("sha256"); };
  if (report.artifact) {
    const ArtifactInfo& info = *report.artifact;
    if (!info.recipe.empty()) facts.emplace_back("recipe", printable(info.recipe));
    facts.emplace_back("codec", to_string(info.codec));
    if (!info.ptz_layout.empty()) facts.emplace_back("layout", printable(info.ptz_layout));
    for (const auto& [key, value] : info.provenance) {
      if (shown(key)) facts.emplace_back(printable(key), printable(value));
    }
  }
  if (report.spec) {
    for (auto& line : summarize_model(report.spec->model)) facts.push_back(std::move(line));
  } else if (report.is_model()) {
    facts.emplace_back("model", "no configuration inside");
  }
  for (const auto& [key, value] : report.facts) {
    if (shown(key)) facts.emplace_back(key, fact_text(value));
  }
  return facts;
}

std::string description(const FileReport& report, const Style& style) {
  std::string text = fmt::format("{}: {}, {} bytes\n", printable(report.name), report.kind_name,
                                 with_separators(report.sizes.file_bytes));
  const auto facts = facts_of(report, style);
  size_t width = 0;
  for (const auto& [key, value] : facts) width = std::max(width, key.size());
  for (const auto& [key, value] : facts) text += fmt::format("{:<{}}  {}\n", key, width, value);
  return text;
}

/// One share of a file whose bytes were measured, or "~" for an apportioned one.
std::string bytes_cell(const BreakdownRow& row) {
  return (row.apportioned ? "~" : "") + with_separators(row.bytes());
}

std::string breakdown_table(const FileReport& report, const RowSelection& selection, const Style& style) {
  const bool by_scheme = selection.by == BreakdownKey::kScheme;
  TextTable table({{std::string(breakdown_key_name(selection.by)), Align::kLeft, Fit::kShorten},
                   {by_scheme ? "" : "scheme", Align::kLeft, Fit::kWrap, 2},
                   {"weights", Align::kRight, Fit::kWhole, 1},
                   {"raw", Align::kRight, Fit::kWhole, 6},
                   {"payload", Align::kRight, Fit::kWhole, 3},
                   {"scales", Align::kRight, Fit::kWhole, 4},
                   {"other", Align::kRight, Fit::kWhole, 5},
                   {"bytes", Align::kRight, Fit::kWhole, 0, /*bold=*/true},
                   {"share"},
                   {"bits/weight"}});
  const auto optional_count = [](uint64_t count) {
    return count == 0 ? std::string() : with_separators(count);
  };
  const auto add = [&](const BreakdownRow& row, bool total) {
    table.add({row.label, total || by_scheme ? "" : row.scheme_list(),
               optional_count(static_cast<uint64_t>(row.elements)), with_separators(row.raw_bytes),
               optional_count(row.payload_bytes), optional_count(row.scales_bytes),
               optional_count(row.other_bytes), total ? with_separators(row.bytes()) : bytes_cell(row),
               percent(row.bytes(), report.sizes.file_bytes), row.elements == 0 ? "" : bits_per_weight(row)});
  };
  const std::vector<BreakdownRow> rows = select_rows(report.sizes, selection);
  for (const BreakdownRow& row : rows) add(row, false);
  const BreakdownRow total = total_of(rows);
  table.add_rule();
  add(total, true);
  std::string text = table.render(style);
  if (total.apportioned) {
    text +=
        style.dim("~ a share of bytes compressed together, in proportion to their sizes before the codec") +
        "\n";
  }
  return text;
}

}  // namespace

std::string summary_text(const FileReport& report, const std::optional<BudgetReport>& budget,
                         const RowSelection& selection, const Style& style) {
  std::string text;
  if (budget) text += budget_text(*budget, style) + "\n";
  text += description(report, style);
  if (report.is_model()) text += "\n" + breakdown_table(report, selection, style);
  return text;
}

}  // namespace golf
