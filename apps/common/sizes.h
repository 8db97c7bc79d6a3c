#pragma once

#include <string>
#include <vector>

#include "common/terminal.h"
#include "golf/artifact/budget/budget.h"

namespace golf {

// Bytes against the budget, for people.

/// The same in one line without its end: "15,000 of 16,000 bytes with code: fits, 1,000 bytes left (6.2%)".
std::string budget_line(const BudgetReport& budget, const Style& style);

/// Warnings about the code files: those that were named more than once.
std::vector<std::string> code_warnings(const BudgetReport& budget);

/// The verdict with exact integers first, then what it is made of; names the MiB mistake. Ends in '\n'.
std::string budget_text(const BudgetReport& budget, const Style& style);
/// "FILE: 16,100,000 bytes, over the budget of 16,000,000 by 100,000 bytes": why a check failed.
std::string over_budget_line(const std::string& file, const BudgetReport& budget);

}  // namespace golf
