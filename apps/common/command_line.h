#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "common/exit_code.h"
#include "common/terminal.h"

namespace CLI {
class App;
}

namespace golf {

/// What a tool says about itself in --help and --version.
struct ToolInfo {
  std::string name;                    ///< "golf-pack", "golf-pack unpack"
  std::string usage;                   ///< what follows the name: "CHECKPOINT -o ARTIFACT [OPTIONS]"
  std::string description;             ///< one sentence, then details if any
  std::string examples;                ///< lines as typed
  std::string gate = "not used here";  ///< when the exit status is 1
  std::string libtorch_version = "none";
};

/// Options that every tool takes.
struct CommonOptions {
  bool quiet = false;
  bool json = false;
  ColorMode color = ColorMode::kAuto;
  int threads = 0;  ///< 0: one per processor
};

/// A command line in the project's manner over CLI11: grouped help with defaults, an example and the exit
/// statuses, --version, --help-limits, --config-file, the common options, one-line errors with suggestions.
///
///     CommandLine line({.name = "golf-x", …});
///     line.app().add_option("FILE", files, "file to read")->required();     // needs CLI/CLI.hpp
///     if (const auto code = line.parse(argc, argv)) return *code;           // --help and its kin
class CommandLine {
 public:
  explicit CommandLine(ToolInfo info);
  CommandLine(const CommandLine&) = delete;
  CommandLine& operator=(const CommandLine&) = delete;
  ~CommandLine();

  CLI::App& app() { return *app_; }
  const CommonOptions& common() const { return common_; }

  /// Reads the command line and configuration file. Returns a status when the tool is done already (--help,
  /// --version, --help-limits were printed). `argv[0]` is passed over. @throws UsageError
  std::optional<ExitCode> parse(int argc, const char* const* argv);

 private:
  ToolInfo info_;
  CommonOptions common_;
  std::unique_ptr<CLI::App> app_;
};

}  // namespace golf
