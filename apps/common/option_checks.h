#pragma once

#include <CLI/CLI.hpp>
#include <charconv>
#include <cstdint>
#include <string>

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

}  // namespace golf
