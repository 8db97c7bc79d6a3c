#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/terminal.h"

namespace golf {

/// "16,000,000". Exact, never rounded, independent of the locale.
std::string with_separators(uint64_t value);
/// "+1,234", "-5", "0": for differences.
std::string with_sign(int64_t value);
template <std::signed_integral T>
std::string with_separators(T value) {
  return value < 0 ? with_sign(value) : with_separators(static_cast<uint64_t>(value));
}
/// "12.3%"; "-" when `whole` is 0.
std::string percent(uint64_t part, uint64_t whole);

enum class Align { kLeft, kRight };
struct Column {
  std::string title;
  Align align = Align::kRight;
};

/// Aligned columns for people. Control characters in cells are escaped.
class TextTable {
 public:
  explicit TextTable(std::vector<Column> columns) : columns_(std::move(columns)) {}

  /// @param cells  one per column; missing ones at the end stay empty
  void add(std::vector<std::string> cells);
  /// A line across, such as before the total.
  void add_rule() { rows_.emplace_back(); }
  /// Lines that each end in '\n' and never in a space.
  std::string render(const Style& style = Style(false)) const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;  ///< an empty row is a rule
};

}  // namespace golf
