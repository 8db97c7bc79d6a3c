#include "formats/utf8.h"

#include <cstddef>
#include <cstdint>

namespace golf {

bool is_utf8(std::string_view text) {
  size_t i = 0;
  while (i < text.size()) {
    const auto lead = static_cast<uint8_t>(text[i++]);
    if (lead < 0x80) continue;
    const int continuation = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : 1;
    if (lead < 0xc2 || lead > 0xf4) return false;
    uint32_t code = lead & (0x3fU >> continuation);
    for (int k = 0; k < continuation; ++k, ++i) {
      if (i == text.size() || (static_cast<uint8_t>(text[i]) & 0xc0) != 0x80) return false;
      code = (code << 6) | (static_cast<uint8_t>(text[i]) & 0x3fU);
    }
    constexpr uint32_t kSmallest[] = {0, 0x80, 0x800, 0x10000};
    const bool surrogate = code >= 0xd800 && code < 0xe000;
    if (code < kSmallest[continuation] || surrogate || code > 0x10ffff) return false;
  }
  return true;
}

}  // namespace golf
