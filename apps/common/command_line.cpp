#include "common/command_line.h"

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>

#include "common/console.h"
#include "common/help_formatter.h"
#include "common/run_main.h"
#include "common/text_table.h"
#include "common/version.h"
#include "golf/artifact/base/json_fields.h"
#include "golf/artifact/base/limits.h"

namespace golf {
namespace {

std::string limits_text() {
  TextTable table({{"limit", Align::kLeft}, {"value"}, {"unit", Align::kLeft}});
  for (const LimitRow& row : limit_rows()) table.add({row.name, with_separators(row.value), row.unit});
  return table.render();
}

ColorMode parse_color(const std::string& text) {
  if (text == "auto") return ColorMode::kAuto;
  if (text == "always") return ColorMode::kAlways;
  if (text == "never") return ColorMode::kNever;
  throw UsageError(fmt::format("--color: expected auto, always or never, found {}", text));
}

/// " (did you mean --threads?)" when an option is near enough to `argument`.
std::string suggestion(const CLI::App& app, const std::string& argument) {
  if (!argument.starts_with("--")) return {};
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  const auto match = closest_match(argument.substr(0, argument.find('=')), names);
  return match ? fmt::format(" (did you mean {}?)", *match) : std::string();
}

}  // namespace

CommandLine::CommandLine(ToolInfo info) : info_(std::move(info)), app_(std::make_unique<CLI::App>()) {
  app_->set_help_flag();  // comes back in parse(), so that the tool's own groups are listed first
  app_->option_defaults()->always_capture_default();
}

CommandLine::~CommandLine() = default;

std::optional<ExitCode> CommandLine::parse(int argc, const char* const* argv) {
  const char* const group = HelpFormatter::kGeneralGroup;
  app_->add_flag("--json", common_.json, "print the result as one JSON document")->group(group);
  app_->add_option("--threads", common_.threads,
                   "threads to work with, 0 for one per processor; never changes the result")
      ->type_name("N")
      ->check(CLI::Range(0, 1024))
      ->group(group);
  app_->add_flag("--quiet", common_.quiet, "no progress, notes or warnings on standard error")->group(group);
  app_->add_option_function<std::string>(
          "--color", [this](const std::string& text) { common_.color = parse_color(text); },
          "colours: auto, always or never; auto heeds NO_COLOR and TERM")
      ->type_name("WHEN")
      ->default_str("auto")
      ->group(group);
  app_->set_config("--config-file", "", "read further options from a TOML file: name = value")
      ->type_name("FILE")
      ->check(CLI::ExistingFile)
      ->group(group);
  app_->allow_config_extras(CLI::config_extras_mode::error);
  app_->add_flag_function(
          "--help-limits", [](int64_t) { throw CLI::CallForVersion(limits_text(), 0); },
          "print what an input may ask for at most, and exit")
      ->group(group);
  app_->set_version_flag("--version", [this] { return version_text(info_.name, info_.libtorch_version); })
      ->description("print versions of the tool, its codecs and LibTorch, and exit")
      ->group(group);
  app_->set_help_flag("-h,--help", "print this help, and exit")->group(group);
  const int width = is_terminal(STDOUT_FILENO) ? std::clamp(terminal_width(STDOUT_FILENO), 60, 110) : 100;
  app_->formatter(std::make_shared<HelpFormatter>(info_, static_cast<size_t>(width)));

  try {
    app_->parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    print_stdout(app_->help());
    return ExitCode::kDone;
  } catch (const CLI::CallForVersion& text) {
    print_stdout(text.what());
    return ExitCode::kDone;
  } catch (const CLI::ExtrasError&) {
    const std::string first = app_->remaining().empty() ? "" : app_->remaining().front();
    throw UsageError(
        fmt::format("unexpected argument {}{}: see {} --help", first, suggestion(*app_, first), info_.name));
  } catch (const CLI::ConfigError& error) {
    // CLI11 says "INI was not able to parse NAME" of a name that is no option.
    std::string problem = error.what();
    constexpr std::string_view kUnknown = "INI was not able to parse ";
    if (problem.starts_with(kUnknown)) problem.replace(0, kUnknown.size(), "no such option: ");
    throw UsageError(fmt::format("--config-file: {}: see {} --help", problem, info_.name));
  } catch (const CLI::Error& error) {
    throw UsageError(fmt::format("{}: see {} --help", error.what(), info_.name));
  }
  return std::nullopt;
}

}  // namespace golf
