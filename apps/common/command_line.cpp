#include "common/command_line.h"

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>

#include "common/console.h"
#include "common/help_formatter.h"
#include "common/option_checks.h"
#include "common/option_table.h"
#include "common/run_main.h"
#include "common/text_table.h"
#include "golf/artifact/base/json_fields.h"
#include "golf/artifact/base/limits.h"
#include "golf/artifact/encode/codec.h"

namespace golf {
namespace {

std::string limits_text() {
  TextTable table({{"limit", Align::kLeft}, {"value"}, {"unit", Align::kLeft}});
  const auto add = [&](const LimitRow& row) { table.add({row.name, with_separators(row.value), row.unit}); };
  for (const LimitRow& row : limit_rows()) add(row);
  for (const CodecRow& row : codec_table()) {
    if (row.limit.name != nullptr) add(row.limit);
  }
  return table.render();
}

ColorMode parse_color(const std::string& text) {
  if (text == "auto") return ColorMode::kAuto;
  if (text == "always") return ColorMode::kAlways;
  if (text == "never") return ColorMode::kNever;
  throw UsageError(fmt::format("--color: expected auto, always or never, found {}", text));
}

/// " (did you mean --threads?)" when an option of one of the apps is near enough to `argument`.
std::string suggestion(std::initializer_list<const CLI::App*> apps, const std::string& argument) {
  if (!argument.starts_with("--")) return {};
  std::vector<std::string> names;
  for (const CLI::App* app : apps) {
    for (const CLI::Option* option : app->get_options()) {
      if (option->get_group().empty()) continue;  // retired
      for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    }
  }
  const auto match = closest_match(argument.substr(0, argument.find('=')), names);
  return match ? fmt::format(" (did you mean {}?)", *match) : std::string();
}

/// A configuration file names options without their command: they are those of the command that was typed.
class CommandConfig : public CLI::ConfigTOML {
 public:
  CommandConfig(const CLI::App& root, const CLI::App& own) : root_(root), own_(own) {}

  std::vector<CLI::ConfigItem> from_config(std::istream& input) const override {
    std::vector<CLI::ConfigItem> items = CLI::ConfigTOML::from_config(input);
    const std::vector<CLI::App*> commands = root_.get_subcommands();
    for (CLI::ConfigItem& item : items) {
      if (!item.parents.empty()) throw CLI::ConfigError::Extras("[" + item.parents.front() + "]");
      if (commands.empty()) continue;
      const std::string option = "--" + item.name;
      if (commands[0]->get_option_no_throw(option) != nullptr) {
        item.parents = {commands[0]->get_name()};
      } else if (own_.get_option_no_throw(option) != nullptr) {
        throw CLI::ConfigError::Extras(item.name);
      }
    }
    return items;
  }

 private:
  const CLI::App& root_;
  const CLI::App& own_;
};

}  // namespace

CommandLine::CommandLine(ToolInfo info) : info_(std::move(info)), root_(std::make_unique<CLI::App>()) {
  root_->set_help_flag();  // comes back in parse(), so that the tool's own groups are listed first
  root_->option_defaults()->always_capture_default();
  root_->require_subcommand(0, 1);
  own_ = root_->add_option_group("options");
  // A command comes first: after an argument of the tool itself, its name is an argument like any other.
  own_->preparse_callback([this](size_t) {
    for (const Command& command : commands_) command.app->disabled();
  });
}

CommandLine::~CommandLine() = default;

CLI::App& CommandLine::add_command(ToolInfo info, Run run) {
  CLI::App* app = root_->add_subcommand(info.name.substr(info.name.rfind(' ') + 1));
  app->fallthrough();  // to the common options
  app->preparse_callback([this](size_t) { own_->disabled(); });
  commands_.push_back({std::move(info), app, std::move(run)});
  return *app;
}

void CommandLine::retire_option(const std::string& option, const std::string& command) {
  own_->add_option_function<std::vector<std::string>>(
          option,
          [option, command](const std::vector<std::string>&) {
            throw UsageError(fmt::format("{}: this is a command now: {}", option, command));
          },
          "")
      ->expected(0, 1)
      ->trigger_on_parse()
      ->group("");
}

void CommandLine::add_common_options() {
  const char* const group = HelpFormatter::kGeneralGroup;
  root_->add_flag("--json", common_.json, "print the result as one JSON document")->group(group);
  root_
      ->add_option("--threads", common_.threads,
                   "threads to work with, 0 for one per processor; never changes the result")
      ->type_name("N")
      ->check(CLI::Range(0, 1024))
      ->group(group);
  root_->add_flag("--quiet", common_.quiet, "no progress, notes or warnings on standard error")->group(group);
  root_->add_flag("--verbose", common_.verbose, "print digests of the files too; --json always has them")
      ->group(group);
  root_
      ->add_option_function<std::string>(
          "--color", [this](const std::string& text) { common_.color = parse_color(text); },
          "colors: auto, always or never; auto heeds NO_COLOR and TERM")
      ->type_name("WHEN")
      ->check(known_values({"auto", "always", "never"}))
      ->default_str("auto")
      ->group(group);
  root_->set_config("--config-file", "", "read further options from a TOML file: name = value")
      ->type_name("FILE")
      ->check(CLI::ExistingFile)
      ->group(group);
  root_->config_formatter(std::make_shared<CommandConfig>(*root_, *own_));
  root_->allow_config_extras(CLI::config_extras_mode::error);
  root_
      ->add_flag_function(
          "--help-limits", [](int64_t) { throw CLI::CallForVersion(limits_text(), 0); },
          "print what an input may ask for at most, and exit")
      ->group(group);
  root_->set_version_flag("--version", [this] { return version_text(info_.name, info_.libtorch_version); })
      ->description("print versions of the tool, its codecs and LibTorch, and exit")
      ->group(group);
  root_->set_help_flag("-h,--help", "print this help, and exit")->group(group);
  // What the build asks for; --help does not list it.
  root_
      ->add_flag_function("--print-man",
                          [this](int64_t) { throw CLI::CallForVersion(manual_page(table()), 0); })
      ->group("");
  root_
      ->add_option_function<std::string>("--print-completion",
                                         [this](const std::string& shell) {
                                           throw CLI::CallForVersion(completion_script(table(), shell), 0);
                                         })
      ->group("");
}

CliTable CommandLine::table() const {
  CliTable table{.commands = {cli_command(info_, "", *own_)}, .common = cli_options(*root_)};
  for (const Command& command : commands_) {
    table.commands.push_back(cli_command(command.info, command.app->get_name(), *command.app));
  }
  return table;
}

const CommandLine::Command* CommandLine::chosen() const {
  for (const Command& command : commands_) {
    if (root_->got_subcommand(command.app)) return &command;
  }
  return nullptr;
}

std::optional<ExitCode> CommandLine::parse(int argc, const char* const* argv) {
  add_common_options();
  const size_t columns = text_width(STDOUT_FILENO);
  const size_t width = columns == 0 ? 100 : std::clamp(columns, size_t{60}, size_t{110});
  std::vector<ToolInfo> listed;
  for (const Command& command : commands_) {
    command.app->formatter(
        std::make_shared<HelpFormatter>(command.info, *command.app, *root_, std::vector<ToolInfo>(), width));
    listed.push_back(command.info);
  }
  root_->formatter(std::make_shared<HelpFormatter>(info_, *own_, *root_, listed, width));

  const auto see_help = [this] {
    const Command* command = chosen();
    return fmt::format("see {} --help", command != nullptr ? command->info.name : info_.name);
  };
  try {
    root_->parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    print_stdout(root_->help());
    return ExitCode::kDone;
  } catch (const CLI::CallForVersion& text) {
    print_stdout(text.what());
    return ExitCode::kDone;
  } catch (const CLI::ExtrasError&) {
    const std::string first = root_->remaining().empty() ? "" : root_->remaining().front();
    const Command* command = chosen();
    const CLI::App* options = command != nullptr ? command->app : own_;
    throw UsageError(fmt::format("unexpected argument {}{}: {}", first,
                                 suggestion({options, root_.get()}, first), see_help()));
  } catch (const CLI::ConfigError& error) {
    // CLI11 says "INI was not able to parse NAME" of a name that is no option.
    std::string problem = error.what();
    constexpr std::string_view kUnknown = "INI was not able to parse ";
    if (problem.starts_with(kUnknown)) problem.replace(0, kUnknown.size(), "no such option: ");
    throw UsageError(fmt::format("--config-file: {}: {}", problem, see_help()));
  } catch (const CLI::Error& error) {
    throw UsageError(fmt::format("{}: {}", error.what(), see_help()));
  }
  return std::nullopt;
}

ExitCode CommandLine::run(int argc, const char* const* argv) {
  if (const auto status = parse(argc, argv)) return *status;
  const Command* command = chosen();
  return command != nullptr ? command->run(common_) : run_(common_);
}

}  // namespace golf
