#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "golf/artifact/budget/size_map.h"

namespace golf {

// The bytes of a file divided among tensors, groups, layers or schemes.

enum class BreakdownKey { kTensor, kGroup, kLayer, kScheme };
/// "tensor", "group", "layer" or "scheme". @throws Error kInvalidArgument listing them
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

/// Which rows of a breakdown to show, and in what order. Rows left out are summed into one "others" row, so
/// that a shown table always sums to the file.
struct RowSelection {
  BreakdownKey by = BreakdownKey::kGroup;
  std::string filter;  ///< regex searched in tensor names; empty: all
  std::string sort;    ///< "bytes" (default), "name", "weights", "bits", "raw", "file" (order of the file)
  std::optional<int64_t> top;
};

/// @throws Error kInvalidArgument "filter: …" for a malformed regex, "sort: …" for a key that does not exist
std::vector<BreakdownRow> select_rows(const SizeMap& sizes, const RowSelection& selection);

}  // namespace golf
