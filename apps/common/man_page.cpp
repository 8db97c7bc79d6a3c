#include <fmt/format.h>

#include <algorithm>
#include <sstream>

#include "common/option_table.h"
#include "common/run_main.h"
#include "golf/artifact/base/text.h"

namespace golf {
namespace {

/// What stands for itself only when it is named. A bare hyphen may become one that no shell understands.
constexpr std::pair<char, std::string_view> kNamed[] = {{'\\', "\\[rs]"}, {'-', "\\-"},    {'\'', "\\[aq]"},
                                                        {'`', "\\[ga]"},  {'^', "\\[ha]"}, {'~', "\\[ti]"}};

/// Text that roff shows as it is.
std::string roff(std::string_view text) {
  std::string escaped;
  while (!text.empty()) {
    const CodePoint point = first_code_point(text);
    const auto* named = std::find_if(std::begin(kNamed), std::end(kNamed),
                                     [&](const auto& row) { return row.first == text.front(); });
    if (point.value >= 0x80) {
      escaped += fmt::format("\\[u{:04X}]", point.value);
    } else if (named != std::end(kNamed)) {
      escaped += named->second;
    } else {
      escaped += text.front();
    }
    text.remove_prefix(std::max<size_t>(point.bytes, 1));
  }
  // At the start of a line a period is a request.
  return escaped.starts_with('.') ? "\\&" + escaped : escaped;
}

std::string bold(const std::string& text) { return "\\fB" + roff(text) + "\\fR"; }

/// Lines of running text; a line break stays one.
std::string paragraph(const std::string& text) {
  std::string out;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) out += (out.empty() ? "" : ".br\n") + roff(line) + "\n";
  return out;
}

std::string examples(const std::string& text) {
  std::string out = ".nf\n";
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) out += roff(line) + "\n";
  return out + ".fi\n";
}

std::string usage(const ToolInfo& info) {
  std::istringstream lines(info.name + " " + info.usage);
  std::string out;
  for (std::string line; std::getline(lines, line);) {
    line.erase(0, line.find_first_not_of(' '));
    const bool has_name = line.starts_with(info.name);
    if (!out.empty()) out += ".br\n";
    out += has_name ? bold(info.name) + roff(line.substr(info.name.size())) + "\n" : roff(line) + "\n";
  }
  return out;
}

std::string tagged(const CliOption& row) {
  std::string names;
  for (const std::string& name : row.names) names += (names.empty() ? "" : ", ") + bold(name);
  if (!row.type.empty() && row.names.front().starts_with('-')) names += " \\fI" + roff(row.type) + "\\fR";
  std::string help = paragraph(row.help);
  if (!row.fallback.empty()) help += "[default: " + roff(row.fallback) + "]\n";
  return ".TP\n" + names + "\n" + help;
}

/// @param heading  macro of a group's title
std::string options_of(const CliCommand& command, const char* heading) {
  std::string out, group;
  if (!command.inputs.empty()) out += std::string(heading) + " Inputs\n";
  for (const CliOption& row : command.inputs) out += tagged(row);
  for (const CliOption& row : command.options) {
    if (row.group != group) out += fmt::format("{} {}\n", heading, roff(row.group));
    group = row.group;
    out += tagged(row);
  }
  return out;
}

std::string upper(std::string text) {
  for (char& c : text) c = (c >= 'a' && c <= 'z') ? static_cast<char>(c - 'a' + 'A') : c;
  return text;
}

std::string lower_first(std::string text) {
  if (text.size() > 1 && text[0] >= 'A' && text[0] <= 'Z' && text[1] >= 'a') {
    text[0] = static_cast<char>(text[0] - 'A' + 'a');
  }
  return text;
}

}  // namespace

std::string manual_page(const CliTable& tool) {
  const CliCommand& own = tool.commands.front();
  std::string page = fmt::format(
      ".\\\" Made by {} --print-man from its table of options.\n"
      ".TH {} 1 \"\" \"golf-tools {}\" \"Parameter Golf\"\n.SH NAME\n{} \\- {}\n.SH SYNOPSIS\n",
      own.info.name, roff(upper(own.info.name)), project_version(), roff(own.info.name),
      roff(lower_first(first_sentence(own.info.description))));
  page += usage(own.info) + ".SH DESCRIPTION\n" + paragraph(own.info.description);
  if (tool.commands.size() > 1) {
    page += ".PP\nThe commands are:\n";
    for (size_t i = 1; i < tool.commands.size(); ++i) {
      const CliCommand& command = tool.commands[i];
      page += ".TP\n" + bold(command.word) + "\n" + paragraph(first_sentence(command.info.description));
    }
  }
  page += ".SH OPTIONS\n" + options_of(own, ".SS") + ".SS Options of every command\n";
  for (const CliOption& row : tool.common) page += tagged(row);
  if (tool.commands.size() > 1) page += ".SH COMMANDS\n";
  for (size_t i = 1; i < tool.commands.size(); ++i) {
    const CliCommand& command = tool.commands[i];
    page += fmt::format(".SS {}\n", roff(command.info.name)) + usage(command.info) + ".PP\n" +
            paragraph(command.info.description);
    for (const CliOption& row : command.inputs) page += tagged(row);
    for (const CliOption& row : command.options) page += tagged(row);
    if (command.info.gate != ToolInfo().gate) page += ".PP\nExit status 1: " + paragraph(command.info.gate);
    page += ".PP\n" + examples(command.info.examples);
  }
  page += ".SH EXIT STATUS\n";
  for (const auto& [status, meaning] : exit_statuses(own.info.gate)) {
    page += ".TP\n" + bold(status) + "\n" + paragraph(meaning);
  }
  page +=
      ".SH ENVIRONMENT\n"
      ".TP\n\\fBNO_COLOR\\fR\nWhen it is set and not empty, nothing is colored.\n"
      ".TP\n\\fBCOLUMNS\\fR\nThe width that tables are fitted to, in place of the terminal\\[aq]s.\n";
  page += ".SH EXAMPLES\n" + examples(own.info.examples) + ".SH SEE ALSO\n";
  std::string others;
  for (const std::string name : {"golf-eval", "golf-inspect", "golf-pack"}) {
    if (name != own.info.name)
      others += (others.empty() ? "" : ",\n") + fmt::format("\\fB{}\\fR(1)", roff(name));
  }
  return page + others + "\n";
}

}  // namespace golf
