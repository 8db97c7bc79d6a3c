#pragma once

#include <string>

#include "golf/artifact/base/json.h"

namespace golf {

/// A result of golf-eval verify, significance, data-audit or batch, told by its "schema", for a page:
/// {"file", "result"}. The lines of a batch stand together under "lines".
/// @throws Error kCorruptData, kUnsupported naming the file and what it may be
Json read_result_file(const std::string& path);

}  // namespace golf
