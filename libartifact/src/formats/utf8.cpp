#include "formats/utf8.h"

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

}  // namespace golf
