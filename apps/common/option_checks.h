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
