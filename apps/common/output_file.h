#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "golf/artifact/base/bytes.h"

namespace golf {

/// Refuses, before any work is done, an output that cannot end well: a binary to a terminal, one of the
/// inputs (also by another name), a directory or device, a folder that does not exist or is read-only.
/// @throws UsageError (terminal, same file), Error kIo (the others)
void check_output(const std::string& path, const std::vector<std::string>& inputs, bool binary = true);

}  // namespace golf
