#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/size_breakdown.h"

namespace golf {

/// Which rows of a breakdown to show, and in what order. Rows left out are summed into one "others" row, so
/// that a shown table always sums to the file.
struct RowSelection {
  BreakdownKey by = BreakdownKey::kGroup;
  std::string filter;  ///< regex searched in tensor names; empty: all
  std::string sort;    ///< "bytes" (default), "name", "weights", "bits", "raw", "file" (order of the file)
  std::optional<int64_t> top;
};

/// @throws UsageError for a bad regex, or a sort key that does not exist
std::vector<BreakdownRow> select_rows(const SizeMap& sizes, const RowSelection& selection);

}  // namespace golf
