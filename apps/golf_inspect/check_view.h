#pragma once

#include <string>
#include <vector>

#include "common/terminal.h"
#include "golf/artifact/budget/budget.h"
#include "golf_inspect/file_report.h"

namespace golf {

/// A file that --check has held against the budget.
struct CheckedFile {
  FileReport report;
  BudgetReport budget;
};

/// One line a file, the code files, and one line for all when there are several.
std::string check_text(const std::vector<CheckedFile>& files, const Style& style);
/// The same as a Markdown table, for the summary of a CI job or a comment.
std::string check_markdown(const std::vector<CheckedFile>& files);

}  // namespace golf
