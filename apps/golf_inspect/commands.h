#pragma once

#include <optional>
#include <string>

#include "common/command_line.h"
#include "golf/artifact/spec/model_config.h"
#include "golf_inspect/views.h"

namespace golf {

// Each function adds one command of golf-inspect to the line, options and all; the source of that name has
// it.

ToolInfo inspect_info();
/// golf-inspect FILE..., and golf-inspect --model-config NAME|FILE.
void add_inspect_options(CommandLine& line);
/// golf-inspect diff BEFORE AFTER.
void add_diff_command(CommandLine& line);
/// golf-inspect codecs ARTIFACT.
void add_codecs_command(CommandLine& line);
/// golf-inspect extract FILE TENSOR -o FILE.npy.
void add_extract_command(CommandLine& line);
/// golf-inspect config FILE.
void add_config_command(CommandLine& line);
/// golf-inspect runs RUN_DIR....
void add_runs_command(CommandLine& line);
/// golf-inspect submission DIR....
void add_submission_command(CommandLine& line);

// What several of them share.

/// The options that choose rows, as typed.
struct BreakdownOptions {
  std::string by = "group";
  std::string filter = {};
  std::string sort = "bytes";
  std::optional<int64_t> top = {};

  /// @throws UsageError for a value that makes no sense
  RowSelection selection() const;
};
void add_breakdown_options(CLI::App& app, BreakdownOptions& options);
void add_model_config_option(CLI::App& app, std::string& name_or_path, const std::string& help);

}  // namespace golf
