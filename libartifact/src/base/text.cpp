#include "golf/artifact/base/text.h"

#include <fmt/format.h>

namespace golf {

CodePoint first_code_point(std::string_view text) {
  if (text.empty()) return {};
  const auto lead = static_cast<uint8_t>(text[0]);
  if (lead < 0x80) return {lead, 1};
  if (lead < 0xc2 || lead > 0xf4) return {};
  const size_t continuation = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : 1;
  uint32_t code = lead & (0x3fU >> continuation);
  for (size_t i = 1; i <= continuation; ++i) {
    if (i == text.size() || (static_cast<uint8_t>(text[i]) & 0xc0) != 0x80) return {};
    code = (code << 6) | (static_cast<uint8_t>(text[i]) & 0x3fU);
  }
  constexpr uint32_t kSmallest[] = {0, 0x80, 0x800, 0x10000};
  const bool surrogate = code >= 0xd800 && code < 0xe000;
  if (code < kSmallest[continuation] || surrogate || code > 0x10ffff) return {};
  return {code, continuation + 1};
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const size_t bytes = first_code_point(text).bytes;
    if (bytes == 0) return false;
    text.remove_prefix(bytes);
  }
  return true;
}

std::string printable(std::string_view text, size_t max_bytes) {
  constexpr std::string_view kCut = "…";
  std::string line;
  size_t room_for_cut = 0;  // so much of the line leaves room for the ellipsis
  while (!text.empty()) {
    const auto [code, length] = first_code_point(text);
    const bool is_control = code < 0x20 || (code >= 0x7f && code < 0xa0);
    const std::string_view character = text.substr(0, length == 0 ? 1 : length);
    if (length == 0 || is_control) {
      for (const char c : character) line += fmt::format("\\x{:02x}", static_cast<uint8_t>(c));
    } else {
      line += character;
    }
    if (line.size() > max_bytes) {
      line.resize(room_for_cut);
      return line.append(kCut);
    }
    if (line.size() + kCut.size() <= max_bytes) room_for_cut = line.size();
    text.remove_prefix(character.size());
  }
  return line;
}

}  // namespace golf
