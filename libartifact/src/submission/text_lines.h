#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace golf {

/// The first limits::kTextLines lines of a text, without their ends; a last '\n' begins no line. CRLF is one
/// end.
std::vector<std::string_view> lines_of(std::string_view text);
std::string_view trimmed(std::string_view text);
bool is_word_character(char c);

/// A number with what follows it: "600038ms" is 600038 and "ms".
struct NumberAfter {
  double value = 0;
  std::string_view digits = {};  ///< as written
  std::string_view rest = {};
};

/// The number that stands after a whole word `key` and ':' or '=', with or without spaces.
/// Infinite and NaN are numbers too: "nan", "inf".
std::optional<NumberAfter> number_after(std::string_view line, std::string_view key);
/// The same where it is a whole number of at most 15 digits; commas between digits are passed over.
std::optional<int64_t> integer_after(std::string_view line, std::string_view key);
/// What follows `key` and ':' or '=' up to the next blank; empty: nothing.
std::string_view word_after(std::string_view line, std::string_view key);
/// A time in milliseconds by its unit: ms, s, m; without one as `unit` says.
std::optional<double> milliseconds_after(std::string_view line, std::string_view key, std::string_view unit);

}  // namespace golf
