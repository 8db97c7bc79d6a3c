#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/command_line.h"

namespace CLI {
class App;
}

namespace golf {

// A tool's command line as data: what its manual page and the completion of the shells are made from.

/// An option, or an input that has a place instead of a name.
struct CliOption {
  std::vector<std::string> names = {};  ///< "-o", "--output"; of an input "FILE"
  std::string type = {};                ///< "BYTES"; empty: a flag
  std::string help = {};
  std::string fallback = {};  ///< what the help names as the default; empty: nothing
  std::string group = {};
  std::vector<std::string> values = {};  ///< what may stand there, or the best known of it
  bool takes_files = false;
  bool takes_list = false;  ///< values may be joined by commas
  bool repeatable = false;
};

/// A tool by itself, or one of its commands.
struct CliCommand {
  ToolInfo info;
  std::string word;  ///< "unpack"; of the tool itself empty
  std::vector<CliOption> inputs, options;
};

struct CliTable {
  std::vector<CliCommand> commands;  ///< the tool itself first
  std::vector<CliOption> common;     ///< options that every command takes
};

/// The row of a tool or command; hidden options are left out.
CliCommand cli_command(const ToolInfo& info, const std::string& word, CLI::App& app);
std::vector<CliOption> cli_options(CLI::App& app);

/// The first sentence of what a tool or command says about itself, without its period.
std::string first_sentence(const std::string& description);
/// Status and meaning. @param gate  when the status is 1
std::vector<std::pair<std::string, std::string>> exit_statuses(const std::string& gate);

/// A manual page in the macros of man(7): the tool, its commands, options and exit statuses.
std::string manual_page(const CliTable& tool);
/// A completion script: commands, options and values; file names elsewhere.
/// @param shell  "bash", "zsh" or "fish". @throws UsageError for another one
std::string completion_script(const CliTable& tool, std::string_view shell);

}  // namespace golf
