#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "common/run_main.h"
#include "golf/artifact/base/name_pattern.h"
#include "golf_inspect/views.h"

namespace golf {
namespace {

double bits(const BreakdownRow& row) {
  return row.elements == 0 ? 0.0 : static_cast<double>(row.bytes()) / static_cast<double>(row.elements);
}

using Before = std::function<bool(const BreakdownRow&, const BreakdownRow&)>;

/// Largest first, except for names.
Before order(const std::string& key) {
  if (key.empty() || key == "bytes")
    return [](const auto& a, const auto& b) { return a.bytes() > b.bytes(); };
  if (key == "name") return [](const auto& a, const auto& b) { return a.label < b.label; };
  if (key == "weights") return [](const auto& a, const auto& b) { return a.elements > b.elements; };
  if (key == "bits") return [](const auto& a, const auto& b) { return bits(a) > bits(b); };
  if (key == "raw") return [](const auto& a, const auto& b) { return a.raw_bytes > b.raw_bytes; };
  if (key == "file") return {};
  throw UsageError(fmt::format("--sort: expected bytes, name, weights, bits, raw or file, found {}", key));
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

}  // namespace

std::vector<BreakdownRow> select_rows(const SizeMap& sizes, const RowSelection& selection) {
  SizeMap shown{.file_bytes = sizes.file_bytes, .rows = sizes.rows};
  SizeMap hidden{.file_bytes = sizes.file_bytes, .rows = {}};
  if (!selection.filter.empty()) {
    const NamePattern pattern = parse_option("--filter", [&] { return NamePattern(selection.filter); });
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
