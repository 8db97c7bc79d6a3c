#include "common/sizes.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <unordered_map>

#include "common/run_main.h"
#include "common/text_table.h"
#include "golf/artifact/base/file.h"

namespace golf {
namespace {

constexpr uint64_t kSixteenMebibytes = uint64_t{16} << 20;

uint64_t over_bytes(const BudgetReport& budget) {
  return budget.fits() ? 0 : budget.total_bytes() - budget.limit_bytes;
}

std::string mebibyte_hint() {
  return fmt::format("under 16 MiB ({} bytes), but the limit is decimal", with_separators(kSixteenMebibytes));
}

struct KeyName {
  BreakdownKey key;
  std::string_view name;
};
constexpr std::array kKeyNames = {
    KeyName{BreakdownKey::kTensor, "tensor"}, KeyName{BreakdownKey::kGroup, "group"},
    KeyName{BreakdownKey::kLayer, "layer"}, KeyName{BreakdownKey::kScheme, "scheme"}};

std::string label_of(const SizeRow& row, BreakdownKey key) {
  if (row.tensor.empty()) return fmt::format("({})", part_name(row.part));
  switch (key) {
    case BreakdownKey::kTensor:
      return row.tensor;
    case BreakdownKey::kGroup:
      return row.group;
    case BreakdownKey::kLayer:
      return row.layer < 0 ? "outside the blocks" : fmt::format("layer {}", row.layer);
    case BreakdownKey::kScheme:
      return row.scheme;
  }
  return {};
}

/// "fits, 100 bytes left (1.0%)".
std::string verdict_text(const BudgetReport& budget, const Style& style) {
  return budget.fits()
             ? style.green("fits") +
                   fmt::format(", {} bytes left ({})",
                               with_separators(budget.limit_bytes - budget.total_bytes()),
                               percent(budget.limit_bytes - budget.total_bytes(), budget.limit_bytes))
             : style.red("OVER") + fmt::format(" by {} bytes ({})", with_separators(over_bytes(budget)),
                                               percent(over_bytes(budget), budget.limit_bytes));
}

}  // namespace

std::string budget_text(const BudgetReport& budget, const Style& style) {
  std::string text = fmt::format("{} of {} bytes: {}\n", with_separators(budget.total_bytes()),
                                 with_separators(budget.limit_bytes), verdict_text(budget, style));
  if (budget.over_by_mebibyte_confusion()) text += style.yellow(mebibyte_hint()) + "\n";
  if (!budget.code.empty()) {
    text += fmt::format("artifact {} + code {} bytes\n", with_separators(budget.artifact_bytes),
                        with_separators(budget.code_bytes()));
    for (const CodeFile& file : budget.code) {
      text += fmt::format("  {}  {}\n", with_separators(file.bytes), printable(file.path));
    }
  }
  return text;
}

std::string budget_line(const BudgetReport& budget, const Style& style) {
  return fmt::format("{} of {} bytes{}: {}{}", with_separators(budget.total_bytes()),
                     with_separators(budget.limit_bytes), budget.code.empty() ? "" : " with code",
                     verdict_text(budget, style),
                     budget.over_by_mebibyte_confusion() ? "; " + style.yellow(mebibyte_hint()) : "");
}

std::vector<std::string> code_warnings(const BudgetReport& budget) {
  std::vector<std::string> warnings;
  for (const CodeFile& file : budget.code) {
    if (file.given > 1) {
      warnings.push_back(
          fmt::format("{}: named {} times as code, counted once", printable(file.path), file.given));
    }
  }
  return warnings;
}

std::string over_budget_line(const std::string& file, const BudgetReport& budget) {
  return fmt::format("{}: {} bytes{}, over the budget of {} by {} bytes{}", printable(file),
                     with_separators(budget.total_bytes()), budget.code.empty() ? "" : " with code",
                     with_separators(budget.limit_bytes), with_separators(over_bytes(budget)),
                     budget.over_by_mebibyte_confusion() ? " (" + mebibyte_hint() + ")" : "");
}

BreakdownKey parse_breakdown_key(std::string_view text) {
  for (const KeyName& row : kKeyNames) {
    if (row.name == text) return row.key;
  }
  throw UsageError(fmt::format("--by: expected tensor, group, layer or scheme, found {}", text));
}

std::string_view breakdown_key_name(BreakdownKey key) {
  return std::find_if(kKeyNames.begin(), kKeyNames.end(), [&](const KeyName& row) { return row.key == key; })
      ->name;
}

void BreakdownRow::add(const SizeRow& row) {
  if (!row.tensor.empty()) tensors.insert(row.tensor);
  if (!row.scheme.empty()) schemes.insert(row.scheme);
  elements += row.elements;
  raw_bytes += row.raw_bytes;
  apportioned = apportioned || row.apportioned;
  switch (row.part) {
    case BytePart::kPayload:
      payload_bytes += row.bytes;
      break;
    case BytePart::kScales:
      scales_bytes += row.bytes;
      break;
    default:
      other_bytes += row.bytes;
  }
}

void BreakdownRow::add(const BreakdownRow& row) {
  tensors.insert(row.tensors.begin(), row.tensors.end());
  schemes.insert(row.schemes.begin(), row.schemes.end());
  elements += row.elements;
  raw_bytes += row.raw_bytes;
  payload_bytes += row.payload_bytes;
  scales_bytes += row.scales_bytes;
  other_bytes += row.other_bytes;
  apportioned = apportioned || row.apportioned;
}

std::string BreakdownRow::scheme_list() const { return fmt::format("{}", fmt::join(schemes, ", ")); }

std::vector<BreakdownRow> break_down(const SizeMap& sizes, BreakdownKey key) {
  std::vector<BreakdownRow> rows;
  std::unordered_map<std::string, size_t> index;
  for (const SizeRow& row : sizes.rows) {
    const bool overhead = row.tensor.empty();
    // A tensor may be called "(container)" too.
    const std::string label = label_of(row, key);
    const auto [found, added] = index.emplace((overhead ? "o" : "t") + label, rows.size());
    if (added) {
      BreakdownRow fresh;
      fresh.label = label;
      fresh.group = row.group;
      fresh.layer = row.layer;
      fresh.overhead = overhead;
      rows.push_back(std::move(fresh));
    }
    rows[found->second].add(row);
  }
  std::stable_partition(rows.begin(), rows.end(), [](const BreakdownRow& row) { return !row.overhead; });
  return rows;
}

BreakdownRow total_of(const std::vector<BreakdownRow>& rows) {
  BreakdownRow total;
  total.label = "total";
  for (const BreakdownRow& row : rows) total.add(row);
  return total;
}

std::string bits_per_weight(const BreakdownRow& row) {
  if (row.elements == 0) return "-";
  return fmt::format("{:.2f}", 8.0 * static_cast<double>(row.bytes()) / static_cast<double>(row.elements));
}

}  // namespace golf
