#include "common/text_table.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "golf/artifact/base/text.h"

namespace golf {
namespace {

/// A cell's least width where room is short: names stay recognizable, texts readable.
constexpr size_t kLeastName = 24, kLeastText = 16, kLeastAtAll = 12;
constexpr size_t kGap = 2;

bool continues(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

/// Columns that UTF-8 text takes, one a character; colors take none.
size_t display_width(std::string_view text) {
  size_t width = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\x1b') {
      i = std::min(text.find('m', i), text.size());
    } else if (!continues(text[i])) {
      ++width;
    }
  }
  return width;
}

/// The bytes that the first `width` characters take.
size_t bytes_of(std::string_view text, size_t width) {
  size_t bytes = 0;
  while (bytes < text.size() && (width > 0 || continues(text[bytes]))) {
    if (!continues(text[bytes])) --width;
    ++bytes;
  }
  return bytes;
}

/// `text` in lines of `width` columns, broken at spaces; a longer word has a line of its own.
std::vector<std::string> wrapped(std::string_view text, size_t first_width, size_t width) {
  std::vector<std::string> lines(1);
  size_t used = 0, room = first_width;
  while (!text.empty()) {
    const size_t space = text.find(' ', text.find_first_not_of(' '));
    const std::string_view word = text.substr(0, space);  // with the spaces before it
    text.remove_prefix(word.size());
    const std::string_view bare = word.substr(std::min(word.size(), word.find_first_not_of(' ')));
    if (used > 0 && used + display_width(word) > room) {
      lines.emplace_back(bare);
      used = display_width(bare), room = width;
    } else {
      lines.back() += word;
      used += display_width(word);
    }
  }
  return lines;
}

/// Where a line's further lines begin: below its value when it is "key  value", else below its first word.
size_t hanging_indent(std::string_view line, size_t width) {
  const size_t start = std::min(line.find_first_not_of(' '), line.size());
  const size_t gap = line.find("  ", start);
  const size_t value = gap == std::string_view::npos ? gap : line.find_first_not_of(' ', gap);
  if (value == std::string_view::npos || display_width(line.substr(0, value)) > width / 2) return start;
  return display_width(line.substr(0, value));
}

std::string pad(const std::string& text, size_t width, Align align) {
  const std::string space(width - std::min(width, display_width(text)), ' ');
  return align == Align::kLeft ? text + space : space + text;
}

}  // namespace

std::string with_separators(uint64_t value) {
  std::string digits = std::to_string(value);
  for (size_t i = digits.size(); i > 3; i -= 3) digits.insert(i - 3, ",");
  return digits;
}

std::string with_sign(int64_t value) {
  if (value == 0) return "0";
  const uint64_t magnitude =
      value < 0 ? uint64_t{0} - static_cast<uint64_t>(value) : static_cast<uint64_t>(value);
  return (value < 0 ? "-" : "+") + with_separators(magnitude);
}

std::string percent(uint64_t part, uint64_t whole) {
  if (whole == 0) return "-";
  return fmt::format("{:.1f}%", 100.0 * static_cast<double>(part) / static_cast<double>(whole));
}

std::string fold(std::string_view text, size_t width) {
  if (width == 0) return std::string(text);
  std::string out;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    if (display_width(line) <= width) {
      out += line;
    } else {
      const size_t indent = hanging_indent(line, width);
      const std::vector<std::string> lines = wrapped(line, width, width - std::min(width, indent));
      out += lines.front();
      for (size_t i = 1; i < lines.size(); ++i) out += "\n" + std::string(indent, ' ') + lines[i];
    }
    if (end < text.size()) out += '\n';
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

std::string shortened(std::string_view text, size_t width) {
  const size_t whole = display_width(text);
  if (whole <= width) return std::string(text);
  if (width == 0) return {};
  const size_t tail = (width - 1) / 2, head = width - 1 - tail;
  return std::string(text.substr(0, bytes_of(text, head))) + "…" +
         std::string(text.substr(bytes_of(text, whole - tail)));
}

void TextTable::add(std::vector<std::string> cells) {
  cells.resize(columns_.size());
  for (std::string& cell : cells) cell = printable(cell);
  rows_.push_back(std::move(cells));
}

TextTable::Layout TextTable::fitted(size_t width) const {
  Layout layout;
  std::vector<size_t> least;
  for (size_t i = 0; i < columns_.size(); ++i) {
    size_t natural = display_width(columns_[i].title);
    const size_t title = natural;
    for (const auto& row : rows_) {
      if (!row.empty()) natural = std::max(natural, display_width(row[i]));
    }
    layout.shown.push_back(i);
    layout.widths.push_back(natural);
    const Fit fit = columns_[i].fit;
    size_t readable = std::max(title, fit == Fit::kShorten ? kLeastName : kLeastText);
    for (const auto& row : rows_) {  // a word is never broken
      if (fit != Fit::kWrap || row.empty()) continue;
      for (const std::string& line : wrapped(row[i], 1, 1))
        readable = std::max(readable, display_width(line));
    }
    least.push_back(fit == Fit::kWhole ? natural : std::min(natural, readable));
  }
  if (width == 0) return layout;
  const auto needed = [&] {
    size_t sum = layout.shown.empty() ? 0 : kGap * (layout.shown.size() - 1);
    for (const size_t i : layout.shown) sum += least[i];
    return sum;
  };
  while (needed() > width) {
    const auto last = std::max_element(layout.shown.begin(), layout.shown.end(), [&](size_t a, size_t b) {
      return columns_[a].rank < columns_[b].rank;
    });
    if (last == layout.shown.end() || columns_[*last].rank == 0) break;
    layout.shown.erase(last);
  }
  if (needed() > width) {
    for (const size_t i : layout.shown) {
      if (columns_[i].fit == Fit::kShorten) least[i] = std::min(least[i], kLeastAtAll);
    }
  }
  size_t room = width - std::min(width, needed());
  for (const size_t i : layout.shown) {
    const size_t more = std::min(room, layout.widths[i] - least[i]);
    layout.widths[i] = least[i] + more;
    room -= more;
  }
  return layout;
}

std::string TextTable::render(const Style& style) const {
  const Layout layout = fitted(style.width());
  const auto line = [&](const std::vector<std::vector<std::string>>& cells, size_t number, bool title) {
    std::string text;
    for (const size_t i : layout.shown) {
      const std::string cell = number < cells[i].size() ? cells[i][number] : std::string();
      const bool bold = columns_[i].bold && !title && !cell.empty();
      const std::string padded = pad(cell, layout.widths[i], columns_[i].align);
      text +=
          (i == layout.shown.front() ? "" : std::string(kGap, ' ')) + (bold ? style.bold(padded) : padded);
    }
    text.erase(text.find_last_not_of(' ') + 1);
    return title ? style.bold(text) : text;
  };
  const auto lines = [&](const std::vector<std::string>& row, bool title) {
    std::vector<std::vector<std::string>> cells(columns_.size());
    size_t count = 1;
    for (const size_t i : layout.shown) {
      const size_t width = layout.widths[i];
      cells[i] = !title && columns_[i].fit == Fit::kWrap ? wrapped(row[i], width, width)
                                                         : std::vector<std::string>{shortened(row[i], width)};
      count = std::max(count, cells[i].size());
    }
    std::string text;
    for (size_t number = 0; number < count; ++number) text += line(cells, number, title) + "\n";
    return text;
  };
  std::vector<std::string> titles, left_out;
  size_t total_width = 0;
  for (const Column& column : columns_) titles.push_back(column.title);
  for (const size_t i : layout.shown) total_width += layout.widths[i] + (total_width > 0 ? kGap : 0);
  for (size_t i = 0; i < columns_.size(); ++i) {
    const bool shown = std::find(layout.shown.begin(), layout.shown.end(), i) != layout.shown.end();
    if (!shown && !titles[i].empty()) left_out.push_back(titles[i]);
  }
  std::string text = lines(titles, true);
  for (const auto& row : rows_) {
    text += row.empty() ? style.dim(std::string(total_width, '-')) + "\n" : lines(row, false);
  }
  if (!left_out.empty()) {
    text +=
        style.dim(fmt::format("no room in {} columns for: {}", style.width(), fmt::join(left_out, ", "))) +
        "\n";
  }
  return text;
}

}  // namespace golf
