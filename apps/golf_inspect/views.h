#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/sizes.h"
#include "common/terminal.h"
#include "golf/artifact/base/json.h"
#include "golf/artifact/budget/budget.h"
#include "golf/artifact/spec/model_config.h"
#include "golf_inspect/file_report.h"

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

/// A file for people: size against the budget (artifacts), what it is, the breakdown.
std::string summary_text(const FileReport& report, const std::optional<BudgetReport>& budget,
                         const RowSelection& selection, const Style& style);
/// The same as an element of the "files" array of schema "golf.inspect/1".
Json summary_json(const FileReport& report, const std::optional<BudgetReport>& budget,
                  const RowSelection& selection);

/// Sizes of two files row by row: schema "golf.inspect-diff/1".
Json diff_json(const FileReport& before, const FileReport& after, const RowSelection& selection);

/// What a model of this configuration will be, before any training: parameters by group and, for each
/// built-in recipe, the bytes it would store before the codec (an upper bound for --codec store).
std::string model_text(const std::string& name, const ModelSpec& spec, int threads, const Style& style);
/// Schema "golf.model/1"; lists every tensor.
Json model_json(const std::string& name, const ModelSpec& spec, int threads);

}  // namespace golf
