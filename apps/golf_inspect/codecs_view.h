#pragma once

#include <string>

#include "common/terminal.h"
#include "golf/artifact/base/json.h"
#include "golf/artifact/container/compare_codecs.h"
#include "golf_inspect/row_selection.h"

namespace golf {

/// Codecs side by side, then where the last one's bits go, beside the order-0 entropy.
std::string codecs_text(const std::string& name, const CodecComparison& comparison,
                        const RowSelection& selection, const Style& style);
/// Schema "golf.inspect-codecs/1".
Json codecs_json(const std::string& name, const CodecComparison& comparison, const RowSelection& selection);

}  // namespace golf
