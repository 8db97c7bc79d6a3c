// Two files side by side: which rows grew, which shrank.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <unordered_map>

#include "common/console.h"
#include "common/option_values.h"
#include "common/run_main.h"
#include "common/text_table.h"
#include "golf/artifact/base/file.h"
#include "golf/artifact/report/file_report.h"
#include "golf_inspect/commands.h"
#include "golf_inspect/views.h"

namespace golf {
namespace {

struct DiffRow {
  std::string label;
  BreakdownRow before, after;

  int64_t change() const {
    return static_cast<int64_t>(after.bytes()) - static_cast<int64_t>(before.bytes());
  }
};

uint64_t magnitude(int64_t value) {
  return value < 0 ? uint64_t{0} - static_cast<uint64_t>(value) : static_cast<uint64_t>(value);
}

/// Rows of either file matched by label, the largest change first; with --sort file or name in that order.
std::vector<DiffRow> diff_rows(const FileReport& before, const FileReport& after, RowSelection selection) {
  const std::optional<int64_t> top = selection.top;
  selection.top.reset();
  std::vector<DiffRow> rows;
  std::unordered_map<std::string, size_t> index;
  const auto at = [&](const BreakdownRow& row) -> DiffRow& {
    const auto [found, added] = index.emplace((row.overhead ? "o" : "t") + row.label, rows.size());
    if (added) rows.push_back({row.label, {}, {}});
    return rows[found->second];
  };
  for (const BreakdownRow& row : select_rows(before.sizes, selection)) at(row).before = row;
  for (const BreakdownRow& row : select_rows(after.sizes, selection)) at(row).after = row;
  if (selection.sort.empty() || selection.sort == "bytes") {
    std::stable_sort(rows.begin(), rows.end(), [](const DiffRow& a, const DiffRow& b) {
      return magnitude(a.change()) > magnitude(b.change());
    });
  } else if (selection.sort == "name") {
    std::stable_sort(rows.begin(), rows.end(),
                     [](const DiffRow& a, const DiffRow& b) { return a.label < b.label; });
  }
  if (top && static_cast<uint64_t>(*top) < rows.size()) {
    DiffRow others{fmt::format("({} others)", rows.size() - static_cast<uint64_t>(*top)), {}, {}};
    for (auto row = rows.begin() + *top; row != rows.end(); ++row) {
      others.before.add(row->before);
      others.after.add(row->after);
    }
    rows.resize(static_cast<size_t>(*top));
    rows.push_back(std::move(others));
  }
  return rows;
}

std::string relative(const DiffRow& row) {
  if (row.before.bytes() == 0) return row.after.bytes() == 0 ? "" : "new";
  if (row.after.bytes() == 0) return "gone";
  return fmt::format("{:+.1f}%",
                     100.0 * static_cast<double>(row.change()) / static_cast<double>(row.before.bytes()));
}

std::string scheme_change(const DiffRow& row) {
  const std::string before = row.before.scheme_list();
  const std::string after = row.after.scheme_list();
  return before == after || before.empty() || after.empty() ? (after.empty() ? before : after)
                                                            : before + " -> " + after;
}

std::string diff_text(const FileReport& before, const FileReport& after, const RowSelection& selection,
                      const Style& style) {
  std::string text =
      fmt::format("{} -> {}: {} -> {} bytes, {}\n\n", printable(before.name), printable(after.name),
                  with_separators(before.sizes.file_bytes), with_separators(after.sizes.file_bytes),
                  with_sign(static_cast<int64_t>(after.sizes.file_bytes) -
                            static_cast<int64_t>(before.sizes.file_bytes)));
  TextTable table({{std::string(breakdown_key_name(selection.by)), Align::kLeft, Fit::kShorten},
                   {"scheme", Align::kLeft, Fit::kWrap, 1},
                   {"before", Align::kRight, Fit::kWhole, 2},
                   {"after"},
                   {"change", Align::kRight, Fit::kWhole, 0, /*bold=*/true},
                   {""}});
  DiffRow total{"total", {}, {}};
  const auto add = [&](const DiffRow& row) {
    table.add({row.label, &row == &total ? "" : scheme_change(row), with_separators(row.before.bytes()),
               with_separators(row.after.bytes()), with_sign(row.change()), relative(row)});
  };
  for (const DiffRow& row : diff_rows(before, after, selection)) {
    add(row);
    total.before.add(row.before);
    total.after.add(row.after);
  }
  table.add_rule();
  add(total);
  return text + table.render(style);
}

}  // namespace

Json diff_json(const FileReport& before, const FileReport& after, const RowSelection& selection) {
  Json rows = Json::array();
  for (const DiffRow& row : diff_rows(before, after, selection)) {
    rows.push_back(Json::object({{"name", row.label},
                                 {"before_bytes", row.before.bytes()},
                                 {"after_bytes", row.after.bytes()},
                                 {"change_bytes", row.change()}}));
  }
  return Json::object({{"schema", "golf.inspect-diff/1"},
                       {"before", before.name},
                       {"after", after.name},
                       {"before_bytes", before.sizes.file_bytes},
                       {"after_bytes", after.sizes.file_bytes},
                       {"change_bytes", static_cast<int64_t>(after.sizes.file_bytes) -
                                            static_cast<int64_t>(before.sizes.file_bytes)},
                       {"by", breakdown_key_name(selection.by)},
                       {"rows", std::move(rows)}});
}

namespace {

struct DiffOptions {
  std::string before, after;
  BreakdownOptions breakdown;
  std::string model_config;
};

ExitCode diff(const DiffOptions& options, const CommonOptions& common) {
  if (options.before == "-" && options.after == "-") {
    throw UsageError("standard input (-) can be read only once");
  }
  const RowSelection selection = options.breakdown.selection();
  const std::optional<ModelSpec> spec = read_model_option(options.model_config);
  const FileReport before = read_report(options.before, spec);
  const FileReport after = read_report(options.after, spec);
  Console console("golf-inspect", common);
  if (common.json) {
    console.result_json(diff_json(before, after, selection));
  } else {
    console.report(diff_text(before, after, selection, console.style()));
  }
  return ExitCode::kDone;
}

}  // namespace

void add_diff_command(CommandLine& line) {
  const auto options = std::make_shared<DiffOptions>();
  CLI::App& app = line.add_command(
      {
          .name = "golf-inspect diff",
          .usage = "BEFORE AFTER [OPTIONS]",
          .description = "Compares the sizes of two files row by row. The largest change comes first.",
          .examples = "golf-inspect diff old.golf new.golf --by layer",
      },
      [options](const CommonOptions& common) { return diff(*options, common); });
  app.add_option("BEFORE", options->before, "artifact or checkpoint; - for standard input")->required();
  app.add_option("AFTER", options->after, "the file to compare with it")->required();
  add_breakdown_options(app, options->breakdown);
  add_model_config_option(app, options->model_config, "model configuration to check the tensors against");
}

}  // namespace golf
