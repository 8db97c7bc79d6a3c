#include "golf/artifact/report/breakdown.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <functional>
#include <unordered_map>

#include "golf/artifact/base/error.h"
#include "golf/artifact/base/name_pattern.h"
#include "golf/artifact/base/text.h"

namespace golf {
namespace {

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

double bits(const BreakdownRow& row) {
  return row.elements == 0 ? 0.0 : static_cast<double>(row.bytes()) / static_cast<double>(row.elements);
}

using Before = std::function<bool(const BreakdownRow&, const BreakdownRow&)>;

/// Largest first, except for names. @throws Error kInvalidArgument
Before order(const std::string& key) {
  if (key.empty() || key == "bytes")
    return [](const auto& a, const auto& b) { return a.bytes() > b.bytes(); };
  if (key == "name") return [](const auto& a, const auto& b) { return a.label < b.label; };
  if (key == "weights") return [](const auto& a, const auto& b) { return a.elements > b.elements; };
  if (key == "bits") return [](const auto& a, const auto& b) { return bits(a) > bits(b); };
  if (key == "raw") return [](const auto& a, const auto& b) { return a.raw_bytes > b.raw_bytes; };
  if (key == "file") return {};
  fail(ErrorCode::kInvalidArgument,
       fmt::format("sort: expected bytes, name, weights, bits, raw or file, found {}", printable(key)));
}

BreakdownRow sum_of(std::vector<BreakdownRow>::const_iterator first,
                    std::vector<BreakdownRow>::const_iterator last, const std::string& label) {
  BreakdownRow sum;
  sum.label = label;
  sum.overhead = true;
  for (auto row = first; row != last; ++row) {
    sum.add(*row);
    sum.overhead = sum.overhead && row->overhead;
  }
  return sum;
}

NamePattern filter_pattern(const std::string& filter) {
  try {
    return NamePattern(filter);
  } catch (const Error& error) {
    fail_within("filter", error);
  }
}

}  // namespace

BreakdownKey parse_breakdown_key(std::string_view text) {
  for (const KeyName& row : kKeyNames) {
    if (row.name == text) return row.key;
  }
  fail(ErrorCode::kInvalidArgument,
       fmt::format("expected tensor, group, layer or scheme, found {}", printable(text)));
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

std::vector<BreakdownRow> select_rows(const SizeMap& sizes, const RowSelection& selection) {
  SizeMap shown{.file_bytes = sizes.file_bytes, .rows = sizes.rows};
  SizeMap hidden{.file_bytes = sizes.file_bytes, .rows = {}};
  if (!selection.filter.empty()) {
    const NamePattern pattern = filter_pattern(selection.filter);
    const auto matches = [&](const SizeRow& row) {
      return !row.tensor.empty() && pattern.found_in(row.tensor);
    };
    const auto middle = std::stable_partition(shown.rows.begin(), shown.rows.end(), matches);
    hidden.rows.assign(middle, shown.rows.end());
    shown.rows.erase(middle, shown.rows.end());
  }
  std::vector<BreakdownRow> rows = break_down(shown, selection.by);
  if (const Before before = order(selection.sort)) std::stable_sort(rows.begin(), rows.end(), before);
  if (selection.top && static_cast<uint64_t>(*selection.top) < rows.size()) {
    const auto rest = rows.begin() + *selection.top;
    BreakdownRow others = sum_of(rest, rows.end(), fmt::format("({} others)", rows.end() - rest));
    rows.erase(rest, rows.end());
    rows.push_back(std::move(others));
  }
  if (!hidden.rows.empty()) {
    const std::vector<BreakdownRow> rest = break_down(hidden, selection.by);
    rows.push_back(sum_of(rest.begin(), rest.end(), "(outside --filter)"));
  }
  return rows;
}

}  // namespace golf
