#include "page/html_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdint>

#include "common/run_main.h"
#include "golf/artifact/base/checksum.h"
#include "golf/artifact/base/text.h"
#include "page/page_files.h"

namespace golf {
namespace {

std::string base64(std::string_view bytes) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (size_t i = 0; i < bytes.size(); i += 3) {
    uint32_t group = 0;
    for (size_t j = i; j < i + 3; ++j) {
      group = group << 8U | (j < bytes.size() ? static_cast<uint8_t>(bytes[j]) : 0U);
    }
    for (size_t j = 0; j < 4; ++j) {
      text += i + j > bytes.size() ? '=' : kDigits[group >> (18 - 6 * j) & 63U];
    }
  }
  return text;
}

/// What a policy calls a script by: "sha256-…".
std::string policy_hash(std::string_view script) {
  const std::string digits = sha256_hex(as_bytes(script));
  std::string digest;
  for (size_t i = 0; i < digits.size(); i += 2) {
    unsigned value = 0;
    std::from_chars(digits.data() + i, digits.data() + i + 2, value, 16);
    digest += static_cast<char>(value);
  }
  return "sha256-" + base64(digest);
}

/// The scripts as one function, so that their names stay among themselves.
std::string script() {
  std::string text = "\n(() => {\n\"use strict\";\n";
  for (const PagePiece& piece : page_pieces()) {
    if (piece.name.ends_with(".js")) text += piece.text;
  }
  return text + "})();\n";
}

std::string_view piece(std::string_view name) {
  for (const PagePiece& piece : page_pieces()) {
    if (piece.name == name) return piece.text;
  }
  return {};
}

}  // namespace

std::string html_escape(std::string_view text) {
  std::string escaped;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    for (const char c : printable(text.substr(0, end), SIZE_MAX)) {
      if (std::string_view("&<>\"'").find(c) != std::string_view::npos) {
        escaped += fmt::format("&#{};", static_cast<int>(c));
      } else {
        escaped += c;
      }
    }
    if (end < text.size()) escaped += '\n';
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return escaped;
}

std::string island_json(const Json& document) {
  std::string escaped;
  for (const char c : document.dump()) {  // outside strings JSON has none of them
    if (c == '<' || c == '>' || c == '&') {
      escaped += fmt::format("\\u{:04x}", static_cast<int>(c));
    } else {
      escaped += c;
    }
  }
  return escaped;
}

std::string html_page(std::string_view title, std::string_view text, Json document) {
  document["schema"] = "golf.page/1";
  document["version"] = project_version();
  document["title"] = title;
  const std::string code = script();
  const auto value = [&](std::string_view name) -> std::string {
    if (name == "TITLE") return html_escape(printable(title));
    if (name == "TEXT") return html_escape(text);
    if (name == "DATA") return island_json(document);
    if (name == "STYLE") return std::string(piece("page.css"));
    if (name == "SCRIPT") return code;
    return fmt::format(
        "default-src 'none'; style-src 'unsafe-inline'; script-src '{}'; base-uri 'none'; form-action 'none'",
        policy_hash(code));  // POLICY
  };
  std::string page;
  std::string_view frame = piece("page.html");
  for (size_t at = frame.find('@'); at != std::string_view::npos; at = frame.find('@')) {
    const size_t end = frame.find('@', at + 1);
    page += frame.substr(0, at);
    page += value(frame.substr(at + 1, end - at - 1));
    frame.remove_prefix(end + 1);
  }
  return page += frame;
}

}  // namespace golf
