#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "common/terminal.h"
#include "golf/artifact/base/json.h"
#include "golf/artifact/budget/budget.h"
#include "golf/artifact/budget/size_map.h"

namespace golf {

// Bytes for people and for JSON: against the budget, and divided among tensors.

/// The same in one line without its end: "15,000 of 16,000 bytes with code: fits, 1,000 bytes left (6.2%)".
std::string budget_line(const BudgetReport& budget, const Style& style);

/// Warnings about the code files: those that were named more than once.
std::vector<std::string> code_warnings(const BudgetReport& budget);

/// The verdict with exact integers first, then what it is made of; names the MiB mistake. Ends in '\n'.
std::string budget_text(const BudgetReport& budget, const Style& style);
/// "FILE: 16,100,000 bytes, over the budget of 16,000,000 by 100,000 bytes": why a check failed.
std::string over_budget_line(const std::string& file, const BudgetReport& budget);

enum class BreakdownKey { kTensor, kGroup, kLayer, kScheme };
/// "tensor", "group", "layer" or "scheme". @throws UsageError
BreakdownKey parse_breakdown_key(std::string_view text);
std::string_view breakdown_key_name(BreakdownKey key);

/// Bytes that share a tensor, group, layer or scheme; bytes of no tensor share a row per purpose.
struct BreakdownRow {
  std::string label;
  std::string group;              ///< of the first tensor in the row
  std::set<std::string> schemes;  ///< of the tensors in the row
  std::set<std::string> tensors;
  bool overhead = false;  ///< bytes of no tensor
  int64_t layer = -1;
  int64_t elements = 0;
  uint64_t raw_bytes = 0;  ///< before the codec
  uint64_t payload_bytes = 0;
  uint64_t scales_bytes = 0;
  uint64_t other_bytes = 0;  ///< metadata, container, code
  bool apportioned = false;

  uint64_t bytes() const { return payload_bytes + scales_bytes + other_bytes; }
  void add(const SizeRow& row);
  void add(const BreakdownRow& row);
  std::string scheme_list() const;
};

/// Rows in the order in which their first byte range stands in the map, overhead last. They sum exactly to
/// `sizes.sum()`.
std::vector<BreakdownRow> break_down(const SizeMap& sizes, BreakdownKey key);
/// Everything in one row.
BreakdownRow total_of(const std::vector<BreakdownRow>& rows);

/// "4.13", or "-" for rows without weights.
std::string bits_per_weight(const BreakdownRow& row);

}  // namespace golf
