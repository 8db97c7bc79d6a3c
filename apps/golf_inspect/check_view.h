#pragma once

#include <string>
#include <vector>

#include "common/terminal.h"
#include "golf/artifact/budget/budget.h"
#include "golf/artifact/report/file_report.h"

namespace golf {

/// A file that --check has held against the budget, or could not.
struct CheckedFile {
  FileReport report;  ///< of a file that cannot be read the name alone
  BudgetReport budget;
  std::string error = {};  ///< why it cannot be read; empty: it can
};

/// One line a file, the code files, and one line for all when there are several.
std::string check_text(const std::vector<CheckedFile>& files, const Style& style);
/// The same as a Markdown table, for the summary of a CI job or a comment.
std::string check_markdown(const std::vector<CheckedFile>& files);

}  // namespace golf
