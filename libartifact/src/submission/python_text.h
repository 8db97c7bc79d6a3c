#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace golf {

/// Python source taken apart as far as a scan for marks needs it.
struct PythonText {
  /// The text with comments and docstrings as blanks: every line keeps its number, every string its quotes.
  std::string code;
  struct Literal {
    std::string text;  ///< between the quotes, escapes as written; adjacent literals are joined
    int64_t line = 0;
    bool raw = false;  ///< of r"": backslashes stand for themselves

    /// What Python takes the text for, where its escapes are those of printable bytes and line ends.
    std::string value() const;
  };
  std::vector<Literal> literals;  ///< docstrings are none
};

PythonText read_python(std::string_view text);

}  // namespace golf
