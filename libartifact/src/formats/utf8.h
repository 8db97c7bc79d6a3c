#pragma once

#include <string_view>

namespace golf {

/// Whether `text` is well-formed UTF-8 (RFC 3629): no over-long forms, no surrogates, nothing over U+10FFFF.
bool is_utf8(std::string_view text);

}  // namespace golf
