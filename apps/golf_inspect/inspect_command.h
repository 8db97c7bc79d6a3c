#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/command_line.h"
#include "common/exit_code.h"

namespace golf {

/// What `golf-inspect …` was asked for, as typed.
struct InspectOptions {
  std::vector<std::string> files;
  std::string by;  ///< empty: group, or with --compare-codecs tensor
  std::string filter;
  std::string sort = "bytes";
  std::optional<int64_t> top;  ///< rows
  std::string diff;
  bool compare_codecs = false;
  bool check = false;
  std::string budget = "16000000";  ///< bytes
  std::vector<std::string> code;
  std::string model_config;
  bool dump_config = false;
  std::string extract;
  std::string output;
  std::string svg;
};

/// Exit status 1 when --check finds a file over budget.
ExitCode inspect_command(const InspectOptions& options, const CommonOptions& common);

}  // namespace golf
