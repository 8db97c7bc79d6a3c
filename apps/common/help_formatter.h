#pragma once

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <sstream>
#include <string>

#include "common/command_line.h"
#include "common/option_table.h"

namespace golf {

/// Lays out --help of a tool or command: usage, description, commands, option groups with types and defaults,
/// examples, exit statuses.
class HelpFormatter : public CLI::Formatter {
 public:
  /// The group of the options that all tools share; it comes last.
  static constexpr const char* kGeneralGroup = "General";

  /// @param own, common  where the options stand that are listed, in this order; borrowed
  HelpFormatter(ToolInfo info, const CLI::App& own, const CLI::App& common, std::vector<ToolInfo> commands,
                size_t width)
      : info_(std::move(info)), own_(own), common_(common), commands_(std::move(commands)), width_(width) {}

  std::string make_help(const CLI::App*, std::string, CLI::AppFormatMode) const override {
    return "Usage: " + info_.name + " " + info_.usage + "\n\n" + wrap(info_.description, 0) + commands() +
           inputs() + groups(own_) + groups(common_) + "\nExamples:\n" + indent(info_.examples) +
           "\nExit status:\n" + statuses();
  }

  std::string make_option(const CLI::Option* option, bool is_positional) const override {
    std::string left = "  " + (is_positional ? option->get_name(true, false) : option_names(*option));
    const std::string type = option->get_type_name();
    if (!is_positional && option->get_type_size() != 0) left += " " + type.substr(0, type.find(':'));
    std::string right = option->get_description();
    const std::string fallback = option->get_default_str();
    if (!fallback.empty() && fallback != "[]" && option->get_type_size() != 0)
      right += " [default: " + fallback + "]";
    if (left.size() + 2 > kColumn) {
      left += "\n" + std::string(kColumn, ' ');
    } else {
      left.resize(kColumn, ' ');
    }
    return left + wrap(right, kColumn);
  }

 private:
  static constexpr size_t kColumn = 28;

  std::string commands() const {
    std::string text;
    for (const ToolInfo& command : commands_) {
      std::string left = "  " + command.name;
      left.resize(std::max(kColumn, left.size() + 2), ' ');
      text += left + wrap(first_sentence(command.description), kColumn);
    }
    return text.empty() ? text : "\nCommands, each with its own --help:\n" + text;
  }

  std::string statuses() const {
    std::string text;
    for (const auto& [status, meaning] : exit_statuses(info_.gate)) {
      text += fmt::format("  {}  ", status) + wrap(meaning, status.size() + 4);
    }
    return text;
  }

  std::string inputs() const {
    std::string text;
    for (const CLI::Option* option : own_.get_options()) {
      if (option->get_positional() && !option->get_group().empty()) text += make_option(option, true);
    }
    return text.empty() ? text : "\nInputs:\n" + text;
  }

  std::string groups(const CLI::App& app) const {
    std::string text;
    for (const std::string& group : app.get_groups()) {
      const auto options = app.get_options(
          [&](const CLI::Option* option) { return option->get_group() == group && option->nonpositional(); });
      if (group.empty() || options.empty()) continue;
      text += "\n" + group + ":\n";
      for (const CLI::Option* option : options) text += make_option(option, false);
    }
    return text;
  }

  static std::string option_names(const CLI::Option& option) {
    std::string text;
    for (const std::string& name : option.get_snames()) text += (text.empty() ? "-" : ", -") + name;
    for (const std::string& name : option.get_lnames()) text += (text.empty() ? "--" : ", --") + name;
    return text;
  }

  /// Words broken at the width, every line after the first indented; existing line breaks stay.
  std::string wrap(const std::string& text, size_t indentation) const {
    std::string out;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
      size_t column = indentation;
      std::istringstream words(line);
      bool first = true;
      for (std::string word; words >> word; first = false) {
        if (!first && column + 1 + word.size() > width_) {
          out += "\n" + std::string(indentation, ' ');
          column = indentation;
        } else if (!first) {
          out += ' ';
          ++column;
        } else if (!out.empty()) {
          out += std::string(indentation, ' ');
        }
        out += word;
        column += word.size();
      }
      out += "\n";
    }
    return out;
  }

  static std::string indent(const std::string& text) {
    std::string out;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) out += "  " + line + "\n";
    return out;
  }

  ToolInfo info_;
  const CLI::App& own_;
  const CLI::App& common_;
  std::vector<ToolInfo> commands_;
  size_t width_;
};

}  // namespace golf
