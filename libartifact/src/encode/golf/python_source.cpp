#include "encode/golf/python_source.h"

#include <algorithm>
#include <map>
#include <vector>

#include "encode/codecs.h"
#include "golf/artifact/base/bytes.h"

namespace golf {
namespace {

using Tokens = std::vector<std::string>;

struct Line {
  size_t depth = 0;
  Tokens tokens = {};
  bool is_compound = false;  ///< a header, perhaps with its block behind the colon
};

bool is_word(char c) {
  return c == '_' || (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

/// Words, strings and single other characters; spaces between them are left out.
Tokens split(std::string_view text) {
  Tokens tokens;
  size_t at = 0;
  while (at < text.size()) {
    size_t end = at + 1;
    if (text[at] == '"') {
      end = text.find('"', end) + 1;
    } else if (is_word(text[at])) {
      while (end < text.size() && is_word(text[end])) ++end;
    }
    if (text[at] != ' ') tokens.emplace_back(text.substr(at, end - at));
    at = end;
  }
  return tokens;
}

bool opens_block(const Tokens& tokens) { return tokens.back() == ":"; }

/// The wanted parts without comments and empty lines.
std::vector<Line> read_lines(std::string_view source, const std::set<std::string_view>& parts) {
  constexpr std::string_view kIf = "#if ";
  std::vector<Line> lines;
  std::vector<bool> unwanted;  // of the parts that the line is in
  for (size_t begin = 0; begin < source.size();) {
    const size_t end = std::min(source.find('\n', begin), source.size());
    std::string_view text = source.substr(begin, end - begin);
    begin = end + 1;
    const size_t indent = std::min(text.find_first_not_of(' '), text.size());
    text.remove_prefix(indent);
    if (text.starts_with(kIf)) unwanted.push_back(!parts.contains(text.substr(kIf.size())));
    if (text == "#end") unwanted.pop_back();
    if (text.empty() || text.front() == '#') continue;
    if (std::find(unwanted.begin(), unwanted.end(), true) != unwanted.end()) continue;
    Line line{.depth = indent / 4, .tokens = split(text)};
    line.is_compound = opens_block(line.tokens);
    lines.push_back(std::move(line));
  }
  return lines;
}

void append(Tokens& to, const Tokens& tokens) { to.insert(to.end(), tokens.begin(), tokens.end()); }

/// Joins simple statements by semicolons, and puts blocks of nothing else behind their header's colon.
std::vector<Line> join_lines(const std::vector<Line>& lines) {
  std::vector<Line> joined;
  for (size_t i = 0; i < lines.size(); ++i) {
    const bool follows =
        !joined.empty() && joined.back().depth == lines[i].depth && !joined.back().is_compound;
    if (follows && !lines[i].is_compound) {
      joined.back().tokens.emplace_back(";");
      append(joined.back().tokens, lines[i].tokens);
      continue;
    }
    Line& line = joined.emplace_back(lines[i]);
    if (!line.is_compound) continue;
    size_t end = i + 1;
    while (end < lines.size() && lines[end].depth > line.depth && !lines[end].is_compound) ++end;
    if (end < lines.size() && lines[end].depth > line.depth) continue;
    for (size_t k = i + 1; k < end; ++k) {
      if (k > i + 1) line.tokens.emplace_back(";");
      append(line.tokens, lines[k].tokens);
    }
    i = end - 1;
  }
  return joined;
}

/// a … z, A … Z, aa, ba, ….
std::string short_name(size_t index) {
  constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  std::string name;
  for (size_t rest = index + 1; rest > 0; rest = (rest - 1) / kLetters.size()) {
    name += kLetters[(rest - 1) % kLetters.size()];
  }
  return name;
}

/// The shortest names for those used most often.
std::map<std::string, std::string> choose_names(const std::vector<Line>& lines) {
  std::map<std::string, size_t> uses;
  std::set<std::string> taken;
  for (const Line& line : lines) {
    for (const std::string& token : line.tokens) {
      if (token.size() > 1 && token.back() == '_') {
        ++uses[token];
      } else {
        taken.insert(token);
      }
    }
  }
  std::vector<std::pair<std::string, size_t>> by_use(uses.begin(), uses.end());
  std::stable_sort(by_use.begin(), by_use.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  std::map<std::string, std::string> names;
  size_t index = 0;
  for (const auto& [name, count] : by_use) {
    while (taken.contains(short_name(index))) ++index;
    names[name] = short_name(index++);
  }
  return names;
}

/// As Python's base64.b85encode: four bytes become five digits, the most significant first; of a last group
/// of n bytes the first n + 1.
std::string base85(ByteView bytes) {
  constexpr std::string_view kDigits =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~";
  std::string text;
  for (size_t at = 0; at < bytes.size(); at += 4) {
    const size_t count = std::min<size_t>(4, bytes.size() - at);
    uint32_t group = 0;
    for (size_t i = 0; i < 4; ++i) {
      group = group << 8 | (i < count ? std::to_integer<uint32_t>(bytes[at + i]) : 0);
    }
    char digits[5];
    for (size_t i = 5; i-- > 0; group /= 85) digits[i] = kDigits[group % 85];
    text.append(digits, count + 1);
  }
  return text;
}

}  // namespace

std::string shrink_python(std::string_view source, const std::set<std::string_view>& parts) {
  const std::vector<Line> lines = join_lines(read_lines(source, parts));
  const std::map<std::string, std::string> names = choose_names(lines);
  std::string text;
  for (const Line& line : lines) {
    text.append(line.depth, ' ');
    for (const std::string& token : line.tokens) {
      const auto renamed = names.find(token);
      const std::string& word = renamed == names.end() ? token : renamed->second;
      const bool starts_line = text.empty() || text.back() == '\n';
      if (!starts_line && is_word(text.back()) && is_word(word.front())) text += ' ';
      text += word;
    }
    text += '\n';
  }
  return text;
}

std::string pack_python(std::string_view source) {
  const Bytes packed = zlib_encode(as_bytes(source), {CodecId::kZlib, 9});
  return "import zlib,base64\nexec(zlib.decompress(base64.b85decode(\"" + base85(packed) + "\")))\n";
}

}  // namespace golf
