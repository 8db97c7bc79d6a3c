#include "page/html_page.h"

#include <gtest/gtest.h>

#include "golf/artifact/base/checksum.h"
#include "page/page_files.h"

namespace golf {
namespace {

constexpr const char* kHostile = "</script><script>alert(1)</script><!-- \"'& \x1b[2J\n\xe2\x80\xa8";

TEST(HtmlPage, EscapesTextForMarkup) {
  EXPECT_EQ(html_escape("<b>\"'&"), "&#60;b&#62;&#34;&#39;&#38;");
  EXPECT_EQ(html_escape("two\nlines\x1b"), "two\nlines\\x1b");
  EXPECT_EQ(html_escape(""), "");
  EXPECT_EQ(html_escape("\n\n"), "\n\n");
}

TEST(HtmlPage, AnIslandOfJsonHasNothingThatEndsAScript) {
  const Json document = Json::object({{kHostile, Json::array({kHostile, 1.5, Json()})}});
  const std::string island = island_json(document);
  EXPECT_EQ(island.find_first_of("<>&\n"), std::string::npos);
  EXPECT_EQ(parse_json(island, "island"), document) << "and says the same";
}

TEST(HtmlPage, HostileNamesStayData) {
  const std::string page = html_page(kHostile, kHostile, Json::object({{"files", Json::array({kHostile})}}));
  size_t scripts = 0;
  for (size_t at = page.find("<script"); at != std::string::npos; at = page.find("<script", at + 1))
    ++scripts;
  EXPECT_EQ(scripts, 2U) << "the data and the page's own";
  EXPECT_EQ(page.find("alert(1)</"), std::string::npos);
  EXPECT_EQ(page.find('\x1b'), std::string::npos);
  EXPECT_EQ(page.find("@TITLE@"), std::string::npos);
}

TEST(HtmlPage, APlaceholderInTheDataIsData) {
  const std::string page = html_page("@SCRIPT@", "@DATA@", Json::object({{"a", "@TITLE@"}}));
  EXPECT_NE(page.find("<title>@SCRIPT@</title>"), std::string::npos);
  EXPECT_NE(page.find("<pre>@DATA@</pre>"), std::string::npos);
  EXPECT_NE(page.find("{\"a\":\"@TITLE@\""), std::string::npos);
}

TEST(HtmlPage, NamesItsOwnScriptAndNothingElseInItsPolicy) {
  const std::string page = html_page("a", "b", Json::object());
  const size_t start = page.rfind("<script>") + 8;
  const std::string digits = sha256_hex(as_bytes(page.substr(start, page.rfind("</script>") - start)));
  const size_t place = page.find("script-src 'sha256-") + 19;
  const std::string named = page.substr(place, page.find('\'', place) - place);
  ASSERT_EQ(named.size(), 44U);
  std::string decoded;  // by the definition of base64
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  uint32_t bits = 0, held = 0;
  for (const char c : named.substr(0, 43)) {
    bits = bits << 6 | static_cast<uint32_t>(kDigits.find(c));
    for (held += 6; held >= 4; held -= 4) decoded += "0123456789abcdef"[bits >> (held - 4) & 15];
  }
  EXPECT_EQ(decoded.substr(0, 64), digits);
  EXPECT_NE(page.find("default-src 'none'"), std::string::npos);
}

TEST(HtmlPage, ItsScriptsMakeTextAndNeverMarkup) {
  size_t scripts = 0;
  for (const PagePiece& piece : page_pieces()) {
    if (!piece.name.ends_with(".js")) continue;
    ++scripts;
    for (const char* word : {"innerHTML", "outerHTML", "insertAdjacent", "document.write", "eval(",
                             "Function(", "</script", "<!--", "http:", "https:", "import ", "fetch("}) {
      const size_t at = piece.text.find(word);
      const bool name_space =
          at != std::string_view::npos && piece.text.substr(at).starts_with("http://www.w3.org/2000/svg");
      EXPECT_TRUE(at == std::string_view::npos || name_space) << piece.name << ": " << word;
    }
  }
  EXPECT_GT(scripts, 5U);
}

}  // namespace
}  // namespace golf
