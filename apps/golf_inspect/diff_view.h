#pragma once

#include <string>

#include "common/terminal.h"
#include "golf/artifact/base/json.h"
#include "golf_inspect/file_report.h"
#include "golf_inspect/row_selection.h"

namespace golf {

/// Two files side by side, `before` → `after`. The differences of the rows sum exactly to that of the files.
std::string diff_text(const FileReport& before, const FileReport& after, const RowSelection& selection,
                      const Style& style);
/// Schema "golf.inspect-diff/1".
Json diff_json(const FileReport& before, const FileReport& after, const RowSelection& selection);

}  // namespace golf
