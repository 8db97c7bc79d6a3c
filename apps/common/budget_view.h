#pragma once

#include <string>

#include "common/terminal.h"
#include "golf/artifact/base/json.h"
#include "golf/artifact/budget/budget.h"

namespace golf {

/// The verdict with exact integers first, then what it is made of; names the MiB mistake. Ends in '\n'.
std::string budget_text(const BudgetReport& budget, const Style& style);
/// Bytes as integers: limit, artifact, code files, total, margin (negative: over), fits.
Json budget_json(const BudgetReport& budget);
/// "FILE: 16,100,000 bytes, over the budget of 16,000,000 by 100,000 bytes": why a check failed.
std::string over_budget_line(const std::string& file, const BudgetReport& budget);

}  // namespace golf
