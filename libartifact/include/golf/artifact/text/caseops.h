#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace golf {

/// CaseOps: a text in lower case and marks that say where the capitals were, so that a tokenizer needs a word
/// once. A run of ASCII letters becomes
///   all lower case                              as it is
///   two or more letters, all upper case         ALLCAPS and the run in lower case
///   one capital, or a capital and lower case    TITLE and the run in lower case
///   anything else                               TITLE if the first is a capital, CAPNEXT before later ones
/// A mark that the text itself has gets ESC before it. All other characters stay.
/// Source: docs/SUBMISSIONS.md, PR 1855, Evaluation.
namespace caseops {

inline constexpr uint32_t kTitle = 0xE001;
inline constexpr uint32_t kAllCaps = 0xE002;
inline constexpr uint32_t kCapNext = 0xE003;
inline constexpr uint32_t kEscape = 0xE004;

/// @throws Error kCorruptData when `text` is not valid UTF-8
std::string encode(std::string_view text);

/// The text that `coded` stands for. Beside what encode() writes it accepts CAPNEXT in a word that is TITLE
/// or ALLCAPS, upper-case letters, which are copied, and ESC before any character.
/// @throws Error kCorruptData naming the byte: a mark that nothing follows, a word mark inside a word, not
/// UTF-8
std::string decode(std::string_view coded);

/// Bytes of the decoded text that each of consecutive pieces of a coded text stands for: marks 0, every other
/// character its UTF-8 length, an escaped one at the piece that holds it. @throws Error as decode
std::vector<uint16_t> count_bytes(std::span<const std::string> surfaces);

/// Bytes of the text that `coded` stands for, whether its marks are in order or not.
int64_t text_bytes(std::string_view coded);

}  // namespace caseops
}  // namespace golf
