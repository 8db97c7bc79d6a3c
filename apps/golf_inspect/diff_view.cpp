#include "golf_inspect/diff_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "common/text_table.h"
#include "golf/artifact/base/file.h"

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

}  // namespace

std::string diff_text(const FileReport& before, const FileReport& after, const RowSelection& selection,
                      const Style& style) {
  std::string text =
      fmt::format("{} -> {}: {} -> {} bytes, {}\n\n", printable(before.name), printable(after.name),
                  with_separators(before.sizes.file_bytes), with_separators(after.sizes.file_bytes),
                  with_sign(static_cast<int64_t>(after.sizes.file_bytes) -
                            static_cast<int64_t>(before.sizes.file_bytes)));
  TextTable table({{std::string(breakdown_key_name(selection.by)), Align::kLeft},
                   {"scheme", Align::kLeft},
                   {"before"},
                   {"after"},
                   {"change"},
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

Json diff_json(const FileReport& before, const FileReport& after, const RowSelection& selection) {
  Json json = Json::object();
  json["schema"] = "golf.inspect-diff/1";
  json["before"] = before.name;
  json["after"] = after.name;
  json["before_bytes"] = before.sizes.file_bytes;
  json["after_bytes"] = after.sizes.file_bytes;
  json["change_bytes"] =
      static_cast<int64_t>(after.sizes.file_bytes) - static_cast<int64_t>(before.sizes.file_bytes);
  json["by"] = breakdown_key_name(selection.by);
  Json rows = Json::array();
  for (const DiffRow& row : diff_rows(before, after, selection)) {
    Json entry = Json::object();
    entry["name"] = row.label;
    entry["before_bytes"] = row.before.bytes();
    entry["after_bytes"] = row.after.bytes();
    entry["change_bytes"] = row.change();
    rows.push_back(std::move(entry));
  }
  json["rows"] = std::move(rows);
  return json;
}

}  // namespace golf
