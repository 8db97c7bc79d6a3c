#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "golf/artifact/base/bytes.h"
#include "golf/artifact/spec/model_config.h"

namespace CLI {
class App;
}

namespace golf {

class Console;

/// The value of --model-config: a preset's name or a JSON file; nothing when empty.
/// @throws UsageError for what is neither, Error for a file that is no model configuration
std::optional<ModelSpec> read_model_option(const std::string& name_or_path);

/// --key: which state dict of a torch file is read.
void add_key_option(CLI::App& app, std::string& key, const char* group);

/// Says how a model's file was read: parts joined, names shortened.
void note_reading(Console& console, const std::string& what, const std::vector<std::string>& notes);

/// Refuses, before any work is done, an output that cannot end well: a binary to a terminal, one of the
/// inputs (also by another name), a directory or device, a folder that does not exist or is read-only.
/// @throws UsageError (terminal, same file), Error kIo (the others)
void check_output(const std::string& path, const std::vector<std::string>& inputs, bool binary = true);

}  // namespace golf
