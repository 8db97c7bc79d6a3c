#include "golf/artifact/text/caseops.h"

#include <fmt/format.h>

#include <algorithm>

#include "golf/artifact/base/error.h"
#include "golf/artifact/base/text.h"

namespace golf::caseops {
namespace {

bool is_lower(uint32_t c) { return c >= 'a' && c <= 'z'; }
bool is_upper(uint32_t c) { return c >= 'A' && c <= 'Z'; }
bool is_letter(uint32_t c) { return is_lower(c) || is_upper(c); }
bool is_mark(uint32_t c) { return c >= kTitle && c <= kEscape; }
char to_lower(char c) { return is_upper(static_cast<unsigned char>(c)) ? static_cast<char>(c + 32) : c; }
char to_upper(char c) { return is_lower(static_cast<unsigned char>(c)) ? static_cast<char>(c - 32) : c; }

/// UTF-8 of a mark.
std::string mark(uint32_t c) { return {'\xEE', '\x80', static_cast<char>(0x80 | (c & 0x3F))}; }

CodePoint next(std::string_view text, size_t at) {
  const CodePoint c = first_code_point(text.substr(at));
  if (c.bytes == 0) fail(ErrorCode::kCorruptData, fmt::format("byte {}: not valid UTF-8", at));
  return c;
}

void append_run(std::string_view run, std::string& coded) {
  const auto capitals = static_cast<size_t>(std::count_if(run.begin(), run.end(), is_upper));
  const bool first_is_capital = is_upper(static_cast<unsigned char>(run[0]));
  const bool all_caps = run.size() >= 2 && capitals == run.size();
  if (all_caps || first_is_capital) coded += mark(all_caps ? kAllCaps : kTitle);
  for (size_t i = 0; i < run.size(); ++i) {
    if (i > 0 && !all_caps && is_upper(static_cast<unsigned char>(run[i]))) coded += mark(kCapNext);
    coded += to_lower(run[i]);
  }
}

/// Takes a coded text a character at a time.
class Decoder {
 public:
  /// What the character stands for: nothing for a mark.
  std::string take(const CodePoint& c, std::string_view bytes, size_t at) {
    if (escape_pending_) return take_escaped(c, bytes, at);
    if (is_mark(c.value)) {
      take_mark(c.value, at);
      return {};
    }
    if (!is_letter(c.value)) {
      if (word_mark_ != 0 || cap_next_) refuse(at, "a mark that no letter follows");
      end_run();
      return std::string(bytes);
    }
    const bool upper = cap_next_ || word_mark_ != 0 || all_caps_;
    if (word_mark_ == kAllCaps) all_caps_ = true;
    word_mark_ = 0;
    cap_next_ = false;
    in_run_ = true;
    return std::string(1, upper ? to_upper(bytes[0]) : bytes[0]);
  }
  void finish(size_t at) const {
    if (escape_pending_ || word_mark_ != 0 || cap_next_) refuse(at, "a mark at the end of the text");
  }

 private:
  [[noreturn]] static void refuse(size_t at, std::string_view what) {
    fail(ErrorCode::kCorruptData, fmt::format("byte {}: {}: this is not text that CaseOps coded", at, what));
  }
  std::string take_escaped(const CodePoint& c, std::string_view bytes, size_t at) {
    if (word_mark_ != 0) refuse(at, "a word mark before an escaped character");
    escape_pending_ = false;
    if (is_letter(c.value)) {
      in_run_ = true;
    } else {
      end_run();
    }
    return std::string(bytes);
  }
  void take_mark(uint32_t c, size_t at) {
    if (c == kEscape) {
      escape_pending_ = true;
    } else if (c == kCapNext) {
      if (cap_next_) refuse(at, "CAPNEXT twice");
      cap_next_ = true;
    } else {
      if (word_mark_ != 0 || cap_next_) refuse(at, "a word mark after another mark");
      if (in_run_) refuse(at, "a word mark inside a word");
      word_mark_ = c;
    }
  }
  void end_run() { in_run_ = all_caps_ = false; }

  bool escape_pending_ = false;
  bool cap_next_ = false;
  uint32_t word_mark_ = 0;  ///< TITLE or ALLCAPS that waits for its first letter
  bool in_run_ = false;     ///< the last character was a letter
  bool all_caps_ = false;   ///< of this run
};

}  // namespace

std::string encode(std::string_view text) {
  std::string coded;
  for (size_t at = 0; at < text.size();) {
    size_t end = at;
    while (end < text.size() && is_letter(static_cast<unsigned char>(text[end]))) ++end;
    if (end > at) {
      append_run(text.substr(at, end - at), coded);
      at = end;
      continue;
    }
    const CodePoint c = next(text, at);
    if (is_mark(c.value)) coded += mark(kEscape);
    coded += text.substr(at, c.bytes);
    at += c.bytes;
  }
  return coded;
}

std::string decode(std::string_view coded) {
  std::string text;
  Decoder decoder;
  for (size_t at = 0; at < coded.size();) {
    const CodePoint c = next(coded, at);
    text += decoder.take(c, coded.substr(at, c.bytes), at);
    at += c.bytes;
  }
  decoder.finish(coded.size());
  return text;
}

std::vector<uint16_t> count_bytes(std::span<const std::string> surfaces) {
  std::vector<uint16_t> counts;
  Decoder decoder;
  size_t before = 0;
  for (const std::string& surface : surfaces) {
    size_t bytes = 0;
    for (size_t at = 0; at < surface.size();) {
      const CodePoint c = next(surface, at);
      bytes += decoder.take(c, std::string_view(surface).substr(at, c.bytes), before + at).size();
      at += c.bytes;
    }
    counts.push_back(static_cast<uint16_t>(bytes));
    before += surface.size();
  }
  decoder.finish(before);
  return counts;
}

int64_t text_bytes(std::string_view coded) {
  int64_t bytes = 0;
  bool escaped = false;
  while (!coded.empty()) {
    const CodePoint c = first_code_point(coded);
    const size_t length = std::max<size_t>(c.bytes, 1);
    if (escaped || !is_mark(c.value)) bytes += static_cast<int64_t>(length);
    escaped = !escaped && c.value == kEscape;
    coded.remove_prefix(length);
  }
  return bytes;
}

}  // namespace golf::caseops
