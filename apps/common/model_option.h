#pragma once

#include <optional>
#include <string>

#include "golf/artifact/spec/model_config.h"

namespace golf {

/// The value of --model-config: a preset's name or a JSON file; nothing when empty.
/// @throws UsageError for what is neither, Error for a file that is no model configuration
std::optional<ModelSpec> read_model_option(const std::string& name_or_path);

/// Whether an option's value that may be a name or a path is meant as a path: it exists, or looks like one.
bool is_path(const std::string& name_or_path);

}  // namespace golf
