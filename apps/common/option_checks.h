#pragma once

#include <CLI/CLI.hpp>
#include <charconv>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "common/run_main.h"

namespace golf {

/// Refuses option values that are not whole numbers of at least `minimum`.
inline CLI::Validator at_least(int64_t minimum) {
  return {[minimum](std::string& text) {
            int64_t value = 0;
            const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
            if (error == std::errc{} && end == text.data() + text.size() && value >= minimum)
              return std::string();
            return "a whole number of at least " + std::to_string(minimum) + " expected, found " + text;
          },
          ""};
}

inline constexpr const char* kKnownValues = "known values";

/// Names what an option or input takes, for the completion of the shells. Refuses nothing: an inactive
/// validator only goes where the option goes, and stands in no message.
inline CLI::Validator known_values(const std::vector<std::string>& values) {
  CLI::Validator carrier([](std::string&) { return std::string(); }, CLI::detail::join(values, "\n"),
                         kKnownValues);
  return carrier.active(false);
}

/// The names of a table's rows.
template <class Table>
std::vector<std::string> names_in(const Table& table) {
  std::vector<std::string> names;
  for (const auto& row : table) names.emplace_back(row.name);
  return names;
}

/// Refuses those of the named options that were given and would do nothing. @throws UsageError "NAME: REASON"
inline void refuse_unused(const CLI::App& app, std::initializer_list<const char*> names,
                          const std::string& reason) {
  for (const char* name : names) {
    if (app.get_option(name)->count() > 0) throw UsageError(std::string(name) + ": " + reason);
  }
}

/// Inputs of a command, each with the name under which the user knows it; empty: not given.
using NamedInputs = std::vector<std::pair<std::string, std::string>>;

/// The inputs' paths. @throws UsageError when more than one is standard input
inline std::vector<std::string> checked_inputs(const NamedInputs& inputs) {
  std::vector<std::string> names, paths;
  int64_t from_standard_input = 0;
  for (const auto& [name, path] : inputs) {
    names.push_back(name);
    paths.push_back(path);
    from_standard_input += path == "-" ? 1 : 0;
  }
  if (from_standard_input > 1) {
    throw UsageError(CLI::detail::join(names, ", ") + ": only one of them can be standard input");
  }
  return paths;
}

/// @throws UsageError when --json and a file would both go to standard output
inline void refuse_json_beside_output(const std::string& output, bool json) {
  if (output == "-" && json) throw UsageError("-o -: standard output can carry one thing: drop --json");
}

/// An option whose text `parse` turns into `value` at once. What `parse` throws becomes a usage error.
template <class T, class Parse>
CLI::Option* parsed_option(CLI::App& app, const std::string& name, T& value, Parse parse,
                           std::string description) {
  return app.add_option_function<std::string>(
      name,
      [&value, parse, name](const std::string& text) {
        value = parse_option(name, [&] { return parse(text); });
      },
      std::move(description));
}

}  // namespace golf
