#include "submission/python_text.h"

#include <algorithm>

namespace golf {
namespace {

constexpr size_t kMostLiterals = size_t{1} << 18;

class PythonReader {
 public:
  explicit PythonReader(std::string_view text) : text_(text) { out_.code.assign(text); }

  PythonText read() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '#') {
        const size_t end = std::min(text_.find('\n', at_), text_.size());
        blank(at_, end);
        at_ = end;
      } else if (c == '"' || c == '\'') {
        take_string();
      } else {
        take_plain(c);
      }
    }
    return std::move(out_);
  }

 private:
  void take_plain(char c) {
    if (c == '\n') {
      ++line_;
      // Inside brackets a statement goes on; a backslash at the line's end is rare enough to be passed over.
      if (depth_ == 0) statement_start_ = true, joins_ = false;
    } else if (c == '(' || c == '[' || c == '{') {
      ++depth_;
    } else if (c == ')' || c == ']' || c == '}') {
      depth_ = std::max(0, depth_ - 1);
    }
    if (c != ' ' && c != '\t' && c != '\n' && c != '\r') {
      statement_start_ = c == ';' && depth_ == 0;
      // A prefix such as b"" or rf"" stands between two literals that Python joins.
      if (std::string_view("bBrRfFuU\\").find(c) == std::string_view::npos) joins_ = false;
    }
    ++at_;
  }

  void take_string() {
    const char quote = text_[at_];
    const bool triple = text_.substr(at_, 3) == std::string(3, quote);
    const size_t opening = at_, marks = triple ? 3 : 1;
    const int64_t first_line = line_;
    const bool docstring = statement_start_ && depth_ == 0;
    size_t end = opening + marks;
    while (end < text_.size()) {
      if (text_[end] == '\\') {
        if (end + 1 < text_.size() && text_[end + 1] == '\n') ++line_;
        end += 2;
        continue;
      }
      if (text_[end] == '\n') {
        if (!triple) break;  // an open quote ends with its line: what follows is read as usual
        ++line_;
      }
      if (text_[end] == quote && (!triple || text_.substr(end, 3) == std::string(3, quote))) break;
      ++end;
    }
    end = std::min(end, text_.size());
    const std::string_view body = text_.substr(opening + marks, end - std::min(end, opening + marks));
    const bool closed = end < text_.size() && text_[end] == quote;
    at_ = closed ? end + marks : end;
    if (docstring) {
      blank(opening, std::min(at_, text_.size()));
    } else if (joins_) {
      out_.literals.back().text.append(body);
    } else if (out_.literals.size() < kMostLiterals) {
      out_.literals.push_back({std::string(body), first_line, is_raw(opening)});
      joins_ = true;
    }
    statement_start_ = false;
  }

  /// Whether the string that opens there has the prefix r, alone or beside b or f.
  bool is_raw(size_t opening) const {
    for (size_t at = opening; at-- > 0 && opening - at <= 2;) {
      if (text_[at] == 'r' || text_[at] == 'R') return true;
      if (std::string_view("bBfF").find(text_[at]) == std::string_view::npos) return false;
    }
    return false;
  }

  void blank(size_t from, size_t to) {
    for (size_t i = from; i < to; ++i) {
      if (out_.code[i] != '\n') out_.code[i] = ' ';
    }
  }

  std::string_view text_;
  PythonText out_;
  size_t at_ = 0;
  int64_t line_ = 1;
  int depth_ = 0;
  bool statement_start_ = true;
  bool joins_ = false;  ///< the next literal belongs to the last one
};

}  // namespace

std::string PythonText::Literal::value() const {
  if (raw) return text;
  std::string found;
  found.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      found += text[i];
      continue;
    }
    const char c = text[++i];
    if (c == '\\' || c == '\'' || c == '"') {
      found += c;
    } else if (c == 'n' || c == 'r' || c == 't') {
      found += '\n';  // white space all the same
    } else if (c != '\n') {
      found += '\\';
      found += c;
    }
  }
  return found;
}

PythonText read_python(std::string_view text) { return PythonReader(text).read(); }

}  // namespace golf
