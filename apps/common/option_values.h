#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "golf/artifact/base/bytes.h"
#include "golf/artifact/spec/model_config.h"

namespace golf {

/// The value of --model-config: a preset's name or a JSON file; nothing when empty.
/// @throws UsageError for what is neither, Error for a file that is no model configuration
std::optional<ModelSpec> read_model_option(const std::string& name_or_path);

/// Refuses, before any work is done, an output that cannot end well: a binary to a terminal, one of the
/// inputs (also by another name), a directory or device, a folder that does not exist or is read-only.
/// @throws UsageError (terminal, same file), Error kIo (the others)
void check_output(const std::string& path, const std::vector<std::string>& inputs, bool binary = true);

}  // namespace golf
