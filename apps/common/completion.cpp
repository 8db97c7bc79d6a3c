// Completion scripts for bash, zsh and fish. They are made from the option tables and ask the tool nothing.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "common/option_table.h"
#include "common/run_main.h"

namespace golf {
namespace {

std::string joined(const std::vector<std::string>& words, const char* between = " ") {
  return fmt::format("{}", fmt::join(words, between));
}

/// "'text'" for any of the three shells.
std::string quoted(const std::string& text, std::string_view escaped_quote) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') {
      out += escaped_quote;
    } else {
      out += c;
    }
  }
  return out + "'";
}

std::string sh_quoted(const std::string& text) { return quoted(text, "'\\''"); }

/// The first line of a help text, up to where details begin.
std::string short_help(const CliOption& row) {
  std::string text = row.help.substr(0, row.help.find('\n'));
  return text.substr(0, text.find(';'));
}

std::string identifier(const std::string& tool) {
  std::string name = "_" + tool;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

std::vector<std::string> command_words(const CliTable& tool) {
  std::vector<std::string> words;
  for (const CliCommand& command : tool.commands) {
    if (!command.word.empty()) words.push_back(command.word);
  }
  return words;
}

std::vector<std::string> names_of(const std::vector<CliOption>& rows) {
  std::vector<std::string> names;
  for (const CliOption& row : rows) names.insert(names.end(), row.names.begin(), row.names.end());
  return names;
}

/// The names of the options that every command takes, with and without a value: they may precede a command.
std::vector<std::string> common_names(const CliTable& tool, bool with_value) {
  std::vector<CliOption> rows = tool.common;
  std::erase_if(rows, [&](const CliOption& row) { return row.type.empty() == with_value; });
  return names_of(rows);
}

// bash ----------------------------------------------------------------------------------------------------

/// What stands after an option with a value. @param command  its word; "*" for the common options
std::string bash_values(const std::string& command, const std::vector<CliOption>& rows) {
  std::string text;
  for (const CliOption& row : rows) {
    if (row.type.empty()) continue;
    std::vector<std::string> patterns, settings;
    for (const std::string& name : row.names) patterns.push_back(command + ":" + name);
    if (!row.values.empty()) settings.push_back("values=" + sh_quoted(joined(row.values)));
    if (!row.takes_files) settings.push_back("files=");
    if (row.takes_list) settings.push_back("list=yes");
    text += fmt::format("    {}) {} ;;\n", joined(patterns, " | "), joined(settings));
  }
  return text;
}

/// What stands elsewhere: options after a dash, else commands and what an input takes.
std::string bash_words(const CliTable& tool, const CliCommand& command) {
  std::vector<std::string> options = names_of(command.options), inputs;
  for (const std::string& name : names_of(tool.common)) options.push_back(name);
  if (command.word.empty()) inputs = command_words(tool);
  bool files = false;
  for (const CliOption& row : command.inputs) {
    inputs.insert(inputs.end(), row.values.begin(), row.values.end());
    files = files || row.takes_files;
  }
  return fmt::format("        {0}:-*) files= values={1} ;;\n        {0}:*) values={2}{3} ;;\n", command.word,
                     sh_quoted(joined(options)), sh_quoted(joined(inputs)), files ? "" : " files=");
}

std::string bash_script(const CliTable& tool) {
  const std::string& name = tool.commands.front().info.name;
  std::vector<std::string> before = {
      fmt::format("      {}) has_value=yes ;;\n", joined(common_names(tool, true), " | ")),
      fmt::format("      {}) ;;\n", joined(common_names(tool, false), " | "))};
  if (tool.commands.size() > 1) {
    before.push_back(fmt::format("      {}) command=$word; break ;;\n", joined(command_words(tool), " | ")));
  }
  std::string values, words;
  for (const CliCommand& command : tool.commands) {
    values += bash_values(command.word, command.options);
    words += bash_words(tool, command);
  }
  values += bash_values("*", tool.common);
  return fmt::format("# bash completion for {0}, made by {0} --print-completion bash\n{1}() {{\n", name,
                     identifier(name)) +
         R"(  # Not COMP_WORDS: bash breaks --codec=golf:3 at = and at :.
  local line=${COMP_LINE:0:COMP_POINT}
  local current=${line##*[[:space:]]} command= previous= word= has_value= values= files=yes list= head=
  local -a words
  read -ra words <<<"${line%"$current"}"
  for word in "${words[@]:1}"; do
    if [[ -n $has_value ]]; then has_value=; continue; fi
    case $word in
)" + joined(before, "") +
         R"(      *) break ;;
    esac
  done
  if [[ $current == --*=* ]]; then
    previous=${current%%=*} current=${current#*=}
  elif [[ $current != -* ]]; then
    previous=${words[-1]}
  fi
  case $command:$previous in
)" + values +
         R"(    *)
      case $command:$current in
)" + words +
         R"(      esac
      ;;
  esac
  [[ -z $list ]] || head=${current%"${current##*,}"}
  mapfile -t COMPREPLY < <(compgen -P "$head" -W "$values" -- "${current#"$head"}")
  if [[ -z $files ]]; then
    compopt +o default 2>/dev/null
  elif [[ -n $current && ${#COMPREPLY[@]} -gt 0 ]]; then
    compopt -o filenames 2>/dev/null
    mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -f -- "$current")
  fi
  # What stands before a colon is in the line already.
  if [[ $current == *:* && $COMP_WORDBREAKS == *:* ]]; then
    COMPREPLY=("${COMPREPLY[@]#"${current%"${current##*:}"}"}")
  fi
}
)" + fmt::format("complete -o default -F {} {}\n", identifier(name), name);
}

// zsh -----------------------------------------------------------------------------------------------------

std::string zsh_escaped(const std::string& text, std::string_view special) {
  std::string out;
  for (const char c : text) {
    if (special.find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

/// What _arguments does for a value: the values, files, or nothing.
std::string zsh_action(const CliOption& row) {
  std::string values;
  for (const std::string& value : row.values) {
    values += (values.empty() ? "" : " ") + zsh_escaped(value, ":\\() '");
  }
  if (row.takes_list) return fmt::format("_values -s , value {}", values);
  if (row.values.empty()) return row.takes_files ? "_files" : " ";
  if (row.takes_files) return fmt::format("_alternative \"values::({})\" \"files::_files\"", values);
  return fmt::format("({})", values);
}

/// The arguments of _arguments for options, one a line.
std::string zsh_options(const std::vector<CliOption>& rows) {
  std::string text;
  for (const CliOption& row : rows) {
    for (const std::string& name : row.names) {
      std::string spec = row.repeatable && !row.type.empty() ? "*" : fmt::format("({})", joined(row.names));
      spec += name;
      if (!row.type.empty()) spec += name.starts_with("--") ? "=" : "+";
      spec += fmt::format("[{}]", zsh_escaped(short_help(row), "[]\\:"));
      if (!row.type.empty()) spec += fmt::format(":{}:{}", zsh_escaped(row.type, "\\:"), zsh_action(row));
      text += fmt::format("        {}\n", sh_quoted(spec));
    }
  }
  return text;
}

std::string zsh_inputs(const std::vector<CliOption>& rows) {
  std::string text;
  for (size_t i = 0; i < rows.size(); ++i) {
    const std::string place = rows[i].repeatable ? "*" : std::to_string(i + 1);
    text +=
        fmt::format("        {}\n",
                    sh_quoted(fmt::format("{}:{}:{}", place, rows[i].names.front(), zsh_action(rows[i]))));
  }
  return text;
}

std::string zsh_script(const CliTable& tool) {
  const std::string& name = tool.commands.front().info.name;
  const std::string function = identifier(name);
  std::string commands, branches;
  for (const CliCommand& command : tool.commands) {
    const std::string arguments = zsh_options(command.options) + zsh_inputs(command.inputs);
    if (!command.word.empty()) {
      commands +=
          fmt::format("    {}\n", sh_quoted(command.word + ":" + first_sentence(command.info.description)));
    }
    branches += fmt::format("    {})\n      arguments=(\n{}      )\n      ;;\n",
                            command.word.empty() ? "''" : command.word, arguments);
  }
  return fmt::format("#compdef {0}\n# zsh completion for {0}, made by {0} --print-completion zsh\n{1}() {{\n",
                     name, function) +
         "  local command= ret=1\n  integer at=2\n  local -a subcommands common arguments\n  "
         "subcommands=(\n" +
         commands + "  )\n  common=(\n" + zsh_options(tool.common) +
         "  )\n  # Options of every command may stand before it.\n"
         "  while (( at < CURRENT )); do\n    case $words[at] in\n" +
         fmt::format("      {}) (( at += 2 )) ;;\n      {}) (( at += 1 )) ;;\n",
                     joined(common_names(tool, true), "|"), joined(common_names(tool, false), "|")) +
         R"(      *) break ;;
    esac
  done
  if (( at < CURRENT && ${subcommands[(I)${words[at]}:*]} )); then
    command=$words[at]
    words[at]=()
    (( CURRENT -= 1 ))
  elif (( at == CURRENT )) && [[ $words[at] != -* ]]; then
    _describe -t commands command subcommands && ret=0
  fi
  case $command in
)" + branches +
         R"(  esac
  _arguments -s -S : $common $arguments && ret=0
  return ret
}
)" + fmt::format("{} \"$@\"\n", function);
}

// fish ----------------------------------------------------------------------------------------------------

std::string fish_quoted(const std::string& text) { return quoted(zsh_escaped(text, "\\"), "\\'"); }

std::string fish_option(const std::string& tool, const std::string& condition, const CliOption& row) {
  std::string text = fmt::format("complete -c {}{}", tool, condition);
  for (const std::string& name : row.names) {
    text += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
  }
  if (!row.type.empty()) text += row.takes_files ? " -r -F" : " -x";
  if (!row.values.empty()) text += " -a " + fish_quoted(joined(row.values));
  return text + " -d " + fish_quoted(short_help(row)) + "\n";
}

std::string fish_script(const CliTable& tool) {
  const std::string& name = tool.commands.front().info.name;
  const std::string words = joined(command_words(tool));
  const std::string none =
      words.empty() ? "" : fmt::format(" -n 'not __fish_seen_subcommand_from {}'", words);
  std::string text = fmt::format("# fish completion for {0}, made by {0} --print-completion fish\n", name);
  for (const CliOption& row : tool.common) text += fish_option(name, "", row);
  for (const CliCommand& command : tool.commands) {
    const std::string condition =
        command.word.empty() ? none : fmt::format(" -n '__fish_seen_subcommand_from {}'", command.word);
    if (!command.word.empty()) {
      text += fmt::format("complete -c {} -n __fish_use_subcommand -a {} -d {}\n", name, command.word,
                          fish_quoted(first_sentence(command.info.description)));
    }
    for (const CliOption& row : command.options) text += fish_option(name, condition, row);
    for (const CliOption& row : command.inputs) {
      if (row.values.empty()) continue;
      text += fmt::format("complete -c {}{} -a {}\n", name, condition, fish_quoted(joined(row.values)));
    }
  }
  return text;
}

}  // namespace

std::string completion_script(const CliTable& tool, std::string_view shell) {
  if (shell == "bash") return bash_script(tool);
  if (shell == "zsh") return zsh_script(tool);
  if (shell == "fish") return fish_script(tool);
  throw UsageError(fmt::format("--print-completion: expected bash, zsh or fish, found {}", shell));
}

}  // namespace golf
