#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "common/command_line.h"
#include "common/run_main.h"
#include "golf/train/config/config_builder.h"
#include "golf/train/parallel/launch_environment.h"
#include "golf/train/run/train.h"

namespace golf {

/// The command line of golf-train.
struct TrainOptions {
  std::vector<std::string> configs;  ///< presets and files, later ones over earlier
  /// "section.key=value" and the option it came from, later ones win.
  std::vector<std::pair<std::string, std::string>> settings;
  bool print_config = false;
  int processes = 1;  ///< ranks to start on this machine
  TrainJob job;
  CommonOptions common;
};

/// The options, or the status to leave with when --help and its kin were printed. @throws UsageError
std::variant<TrainOptions, ExitCode> parse_train_options(int argc, const char* const* argv);

/// A configuration and what there is to warn of.
struct BuiltConfig {
  ConfigBuilder builder;
  std::vector<std::string> warnings;  ///< naming the submissions' variables that are set but not read
};

/// The configuration that the options ask for, with every value's origin: options over the
/// submissions' environment variables over files over presets.
/// @throws Error (the file), UsageError (the options and variables)
BuiltConfig build_config(const TrainOptions& options, const VariableLookup& variable);

/// golf-train. @throws UsageError, Error
ExitCode train_command(int argc, const char* const* argv);

}  // namespace golf
