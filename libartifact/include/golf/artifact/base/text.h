#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace golf {

/// A character and how many bytes of UTF-8 it takes.
struct CodePoint {
  uint32_t value = 0;
  size_t bytes = 0;
};
/// The character that `text` begins with; 0 bytes when it begins with none that is well-formed (RFC 3629):
/// no over-long forms, no surrogates, nothing over U+10FFFF.
CodePoint first_code_point(std::string_view text);

/// Whether all of `text` is well-formed UTF-8.
bool is_utf8(std::string_view text);

/// `text` as one line of at most `max_bytes` bytes, for names and messages that come from a file. Control
/// characters (C0, DEL, C1) and bytes that are not UTF-8 become \xNN.
std::string printable(std::string_view text, size_t max_bytes = 200);

}  // namespace golf
