#pragma once

#include <optional>
#include <string>

#include "common/terminal.h"
#include "golf/artifact/base/json.h"
#include "golf/artifact/budget/budget.h"
#include "golf_inspect/file_report.h"
#include "golf_inspect/row_selection.h"

namespace golf {

/// A file for people: size against the budget (artifacts), what it is, the breakdown.
std::string summary_text(const FileReport& report, const std::optional<BudgetReport>& budget,
                         const RowSelection& selection, const Style& style);
/// The same as an element of the "files" array of schema "golf.inspect/1".
Json summary_json(const FileReport& report, const std::optional<BudgetReport>& budget,
                  const RowSelection& selection);

}  // namespace golf
