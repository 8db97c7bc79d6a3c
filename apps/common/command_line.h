#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/run_main.h"
#include "common/terminal.h"

namespace CLI {
class App;
}

namespace golf {

struct CliTable;

/// What a tool, or one of its commands, says about itself in --help and --version.
struct ToolInfo {
  std::string name;                    ///< "golf-pack"; of a command "golf-pack unpack"
  std::string usage;                   ///< what follows the name: "CHECKPOINT -o ARTIFACT [OPTIONS]"
  std::string description;             ///< a sentence, which the list of commands shows, then details if any
  std::string examples;                ///< lines as typed
  std::string gate = "not used here";  ///< when the exit status is 1
  std::string libtorch_version = "none";  ///< of the tool; --version prints it
};

/// Options that every tool takes.
struct CommonOptions {
  bool quiet = false;
  bool verbose = false;  ///< digests in what is printed for people
  bool json = false;
  ColorMode color = ColorMode::kAuto;
  int threads = 0;  ///< 0: one per processor
};

/// A command line in the project's manner over CLI11: grouped help with defaults, an example and the exit
/// statuses, --version, --help-limits, --config-file, the common options, one-line errors with suggestions.
///
/// A tool's modes are commands, never flags: `golf-x FILE` is what the tool does by itself, `golf-x show
/// FILE` a command. Each has options of its own; the common options work before and after a command's name.
///
///     CommandLine line({.name = "golf-x", …});
///     line.app().add_option("FILE", files, "file to read")->required();     // needs CLI/CLI.hpp
///     line.on_run([&](const CommonOptions& common) { return run(files, common); });
///     CLI::App& show = line.add_command({.name = "golf-x show", …}, [&](const CommonOptions& common) {…});
///     show.add_option("FILE", shown, "file to show")->required();
///     return line.run(argc, argv);
class CommandLine {
 public:
  using Run = std::function<ExitCode(const CommonOptions&)>;

  explicit CommandLine(ToolInfo info);
  CommandLine(const CommandLine&) = delete;
  CommandLine& operator=(const CommandLine&) = delete;
  ~CommandLine();

  /// The options of the tool itself, used when no command is named.
  CLI::App& app() { return *own_; }
  void on_run(Run run) { run_ = std::move(run); }
  /// Adds a command and returns the place for its options.
  CLI::App& add_command(ToolInfo info, Run run);
  /// Refuses an option of the tool that has become a command. @param command  as typed, with its arguments
  void retire_option(const std::string& option, const std::string& command);

  /// Parses the command line and runs what it asks for. @throws UsageError
  ExitCode run(int argc, const char* const* argv);

  const CommonOptions& common() const { return common_; }
  /// Reads the command line and configuration file. Returns a status when the tool is done already (--help,
  /// --version, --help-limits were printed). `argv[0]` is passed over. @throws UsageError
  std::optional<ExitCode> parse(int argc, const char* const* argv);
  /// All options as data, once parse() has added the common ones.
  CliTable table() const;

 private:
  struct Command {
    ToolInfo info;
    CLI::App* app = nullptr;
    Run run;
  };

  void add_common_options();
  const Command* chosen() const;

  ToolInfo info_;
  CommonOptions common_;
  std::unique_ptr<CLI::App> root_;  ///< the common options and all commands
  CLI::App* own_;                   ///< an option group of `root_`
  Run run_;
  std::vector<Command> commands_;
};

}  // namespace golf
