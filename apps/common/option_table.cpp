#include "common/option_table.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "common/option_checks.h"

namespace golf {
namespace {

std::vector<std::string> values_of(CLI::Option& option) {
  try {
    CLI::Validator carrier = *option.get_validator(kKnownValues);
    return CLI::detail::split(carrier.active(true).get_description(), '\n');
  } catch (const CLI::OptionNotFound&) {
    return {};
  }
}

bool names_files(const std::string& type) {
  constexpr std::string_view kKinds[] = {"FILE", "DIR", "GLOB", "ARTIFACT"};
  return std::any_of(std::begin(kKinds), std::end(kKinds),
                     [&](std::string_view kind) { return type.find(kind) != std::string::npos; });
}

CliOption cli_option(CLI::Option& option) {
  const bool is_input = option.get_positional();
  const std::string type = option.get_type_name();
  CliOption row{.help = option.get_description(), .group = option.get_group(), .values = values_of(option)};
  if (is_input) {
    row.names = {option.get_name(true, false)};
    row.takes_files = row.values.empty();
  } else {
    for (const std::string& name : option.get_snames()) row.names.push_back("-" + name);
    for (const std::string& name : option.get_lnames()) row.names.push_back("--" + name);
  }
  if (option.get_type_size() != 0) {
    row.type = type.substr(0, type.find(':'));
    row.takes_files = row.takes_files || names_files(row.type);
    row.takes_list = row.type.find("[,") != std::string::npos;
    if (const std::string fallback = option.get_default_str(); fallback != "[]") row.fallback = fallback;
  }
  row.repeatable = option.get_items_expected_max() > 1;
  return row;
}

}  // namespace

std::vector<CliOption> cli_options(CLI::App& app) {
  std::vector<CliOption> rows;
  for (CLI::Option* option : app.get_options()) {
    if (!option->get_group().empty() && option->nonpositional()) rows.push_back(cli_option(*option));
  }
  // --help stands in the order of the groups.
  std::vector<CliOption> ordered;
  for (const std::string& group : app.get_groups()) {
    for (const CliOption& row : rows) {
      if (row.group == group) ordered.push_back(row);
    }
  }
  return ordered;
}

CliCommand cli_command(const ToolInfo& info, const std::string& word, CLI::App& app) {
  CliCommand row{.info = info, .word = word, .inputs = {}, .options = cli_options(app)};
  for (CLI::Option* option : app.get_options()) {
    if (!option->get_group().empty() && option->get_positional()) row.inputs.push_back(cli_option(*option));
  }
  return row;
}

std::string first_sentence(const std::string& description) {
  std::string sentence = description.substr(0, description.find(". "));
  if (sentence.ends_with('.')) sentence.pop_back();
  return sentence;
}

std::vector<std::pair<std::string, std::string>> exit_statuses(const std::string& gate) {
  return {{"0", "done"},
          {"1", gate},
          {"2", "wrong usage"},
          {"3", "an input is missing, malformed, hostile or unsupported"},
          {"4", "the run failed: I/O, memory, device"},
          {"129, 130, 143", "interrupted by SIGHUP, SIGINT, SIGTERM"},
          {"141", "the reader of standard output closed it early"}};
}

}  // namespace golf
