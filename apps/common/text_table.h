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

/// `text` with its lines broken at spaces where they are longer than `width` columns; 0: as it is. What goes
/// on in the next line stands below what it belongs to: below the value of "key  value", else as deep as the
/// line.
std::string fold(std::string_view text, size_t width);
/// `text` in at most `width` columns, its middle left out: "blocks.0.…q.weight".
std::string shortened(std::string_view text, size_t width);

enum class Align { kLeft, kRight };
/// What becomes of cells where the table is wider than the terminal.
enum class Fit { kWhole, kShorten, kWrap };
struct Column {
  std::string title;
  Align align = Align::kRight;
  Fit fit = Fit::kWhole;
  int rank = 0;       ///< where room is short, the column of the highest rank goes first; 0: it never goes
  bool bold = false;  ///< the figure that the table is about
};

/// Aligned columns for people. Control characters in cells are escaped.
class TextTable {
 public:
  explicit TextTable(std::vector<Column> columns) : columns_(std::move(columns)) {}

  /// @param cells  one per column; missing ones at the end stay empty
  void add(std::vector<std::string> cells);
  /// A line across, such as before the total.
  void add_rule() { rows_.emplace_back(); }
  /// Lines that each end in '\n' and never in a space, no longer than the style's width where the columns can
  /// be shortened, wrapped or left out; a last line names those left out.
  std::string render(const Style& style = Style(false)) const;

 private:
  struct Layout {
    std::vector<size_t> shown;   ///< columns
    std::vector<size_t> widths;  ///< of all columns
  };
  Layout fitted(size_t width) const;

  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;  ///< an empty row is a rule
};

}  // namespace golf
