#include "draw/svg.h"

#include <fmt/format.h>

#include "golf/artifact/base/text.h"

namespace golf {

std::string svg_header(double width, double height, std::string_view style) {
  return fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0:.0f} {1:.0f}\" width=\"{0:.0f}\" "
      "height=\"{1:.0f}\" font-family=\"system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif\" "
      "fill=\"#1b1f24\">\n<style>.q{{fill-opacity:.7}}{2}</style>\n"
      "<rect class=\"ground\" width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n",
      width, height, style);
}

std::string svg_escape(std::string_view text) {
  std::string out;
  for (const char c : printable(text)) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string svg_text(double x, double y, double size, std::string_view text, std::string_view more) {
  return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" font-size=\"{:.0f}\"{}>{}</text>\n", x, y, size, more,
                     svg_escape(text));
}

}  // namespace golf
