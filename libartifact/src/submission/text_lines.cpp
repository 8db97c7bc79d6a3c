#include "submission/text_lines.h"

#include <charconv>

#include "golf/artifact/base/folder_limits.h"

namespace golf {
namespace {

/// Where the value of `key` begins in the line; npos: the key is not there.
size_t value_start(std::string_view line, std::string_view key) {
  for (size_t at = line.find(key); at != std::string_view::npos; at = line.find(key, at + 1)) {
    if (at > 0 && is_word_character(line[at - 1])) continue;
    size_t next = at + key.size();
    while (next < line.size() && line[next] == ' ') ++next;
    if (next == line.size() || (line[next] != ':' && line[next] != '=')) continue;
    ++next;
    while (next < line.size() && line[next] == ' ') ++next;
    return next;
  }
  return std::string_view::npos;
}

}  // namespace

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty() && lines.size() < limits::kTextLines) {
    const size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    lines.push_back(line);
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return lines;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\f\v";
  const size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

bool is_word_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

std::optional<NumberAfter> number_after(std::string_view line, std::string_view key) {
  const size_t start = value_start(line, key);
  if (start == std::string_view::npos) return std::nullopt;
  const std::string_view value = line.substr(start);
  NumberAfter number;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number.value);
  if (error != std::errc{}) return std::nullopt;
  const auto length = static_cast<size_t>(end - value.data());
  number.digits = value.substr(0, length);
  number.rest = value.substr(length);
  return number;
}

std::optional<int64_t> integer_after(std::string_view line, std::string_view key) {
  constexpr int kMostDigits = 15;  // exact as double, too
  const size_t start = value_start(line, key);
  if (start == std::string_view::npos) return std::nullopt;
  int64_t value = 0;
  int digits = 0;
  for (size_t at = start; at < line.size(); ++at) {
    const char c = line[at];
    if (c >= '0' && c <= '9') {
      if (++digits > kMostDigits) return std::nullopt;
      value = value * 10 + (c - '0');
    } else if (c == ',' && digits > 0 && at + 1 < line.size() && line[at + 1] >= '0' && line[at + 1] <= '9') {
      continue;
    } else {
      break;
    }
  }
  return digits == 0 ? std::nullopt : std::optional(value);
}

std::string_view word_after(std::string_view line, std::string_view key) {
  const size_t start = value_start(line, key);
  return start == std::string_view::npos ? std::string_view()
                                         : line.substr(start, line.find(' ', start) - start);
}

std::optional<double> milliseconds_after(std::string_view line, std::string_view key, std::string_view unit) {
  const std::optional<NumberAfter> number = number_after(line, key);
  if (!number) return std::nullopt;
  size_t length = 0;
  while (length < number->rest.size() && is_word_character(number->rest[length])) ++length;
  const std::string_view written = length == 0 ? unit : number->rest.substr(0, length);
  if (written == "ms") return number->value;
  if (written == "s") return 1e3 * number->value;
  if (written == "m") return 6e4 * number->value;
  return std::nullopt;
}

}  // namespace golf
