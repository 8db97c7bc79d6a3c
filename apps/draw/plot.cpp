#include "draw/plot.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "golf/artifact/base/text.h"

namespace golf {
namespace {

struct SeriesColor {
  const char* on_light;
  const char* on_dark;
};
constexpr std::array kColors = {SeriesColor{"#0072b2", "#56a8e0"}, SeriesColor{"#d55e00", "#f0883e"},
                                SeriesColor{"#009e73", "#2fc49a"}, SeriesColor{"#cc79a7", "#e29cc4"},
                                SeriesColor{"#8a6d00", "#d4b32f"}, SeriesColor{"#56b4e9", "#9ad4f5"},
                                SeriesColor{"#444444", "#b8bec6"}};

}  // namespace

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
  if (text.empty()) return {};
  return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" font-size=\"{:.0f}\"{}>{}</text>\n", x, y, size, more,
                     svg_escape(text));
}

PlotRange plot_range(const std::vector<double>& values) {
  if (values.empty()) return {};
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  const double margin = std::max(0.03 * (*high - *low), 1e-6 * std::max(1.0, std::abs(*high)));
  return {*low - margin, *high + margin};
}

std::vector<PlotTick> axis_ticks(const PlotRange& range, int wanted) {
  const double rough = (range.high - range.low) / std::max(wanted, 1);
  const double power = std::pow(10.0, std::floor(std::log10(rough)));
  double step = 10 * power;
  for (const double round : {1.0, 2.0, 5.0}) {
    if (round * power >= rough) {
      step = round * power;
      break;
    }
  }
  std::vector<PlotTick> ticks;
  for (double i = std::ceil(range.low / step); i * step <= range.high; i += 1) {
    const double at = i * step + 0.0;  // no negative zero
    ticks.push_back({at, fmt::format("{:.6g}", at)});
  }
  return ticks;
}

std::vector<PlotTick> log_ticks(const PlotRange& range) {
  std::vector<PlotTick> ticks;
  for (double power = std::floor(range.low); power <= range.high; power += 1) {
    for (const double round : {1.0, 2.0, 5.0}) {
      const double at = power + std::log10(round);
      if (at < range.low || at > range.high) continue;
      ticks.push_back({at, fmt::format("{:.6g}", round * std::pow(10.0, power))});
    }
  }
  constexpr size_t kFewest = 3;
  if (ticks.size() >= kFewest) return ticks;
  std::vector<PlotTick> even = axis_ticks({std::pow(10.0, range.low), std::pow(10.0, range.high)}, 6);
  std::erase_if(even, [](const PlotTick& tick) { return tick.at <= 0; });
  for (PlotTick& tick : even) tick.at = std::log10(tick.at);
  return even.size() > ticks.size() ? even : ticks;
}

std::string short_number(double value) {
  constexpr std::array kUnits = {std::pair{1e12, "T"}, std::pair{1e9, "B"}, std::pair{1e6, "M"},
                                 std::pair{1e3, "k"}};
  for (const auto& [size, unit] : kUnits) {
    if (std::abs(value) >= size) return fmt::format("{:.4g}{}", value / size, unit);
  }
  return fmt::format("{:.6g}", value);
}

namespace {

/// With the minus sign that typography has.
std::string tick_label(std::string label) {
  if (label.starts_with('-')) label.replace(0, 1, "\u2212");
  return label;
}

}  // namespace

std::string PlotFrame::grid() const {
  std::string svg;
  for (const PlotTick& tick : y.ticks) {
    const double at = place_y(tick.at);
    svg += fmt::format("<path class=\"grid\" d=\"M{:.1f} {:.1f}h{:.1f}\"/>\n", left, at, width);
    svg += svg_text(left - 8, at + font_size / 3, font_size, tick_label(tick.label),
                    " text-anchor=\"end\" class=\"q\"");
  }
  for (const PlotTick& tick : x.ticks) {
    const double at = place_x(tick.at);
    svg += fmt::format("<path class=\"grid\" d=\"M{:.1f} {:.1f}v{:.1f}\"/>\n", at, top, height);
    svg += svg_text(at, top + height + 1.5 * font_size, font_size, tick_label(tick.label),
                    " text-anchor=\"middle\" class=\"q\"");
  }
  svg += svg_text(left + width / 2, top + height + 3.5 * font_size, font_size + 1, x.title,
                  " text-anchor=\"middle\"");
  if (!turned_title) return svg + svg_text(left, top - 12, font_size + 1, y.title);
  const double middle = top + height / 2;
  return svg + svg_text(turned_title_at, middle, font_size + 1, y.title,
                        fmt::format(" text-anchor=\"middle\" transform=\"rotate(-90 {:.1f} {:.1f})\"",
                                    turned_title_at, middle));
}

std::string plot_style(bool with_dark) {
  std::string light = ".grid{stroke:#e2e5e9}.ring{stroke:#fff}";
  std::string dark = "svg{fill:#e6e9ed}.ground{fill:#15181c}.grid{stroke:#33393f}.ring{stroke:#15181c}";
  for (size_t i = 0; i < kColors.size(); ++i) {
    light += fmt::format(".series{}{{color:{}}}", i, kColors[i].on_light);
    dark += fmt::format(".series{}{{color:{}}}", i, kColors[i].on_dark);
  }
  return with_dark ? light + "@media(prefers-color-scheme:dark){" + dark + "}" : light;
}

std::string series_class(size_t series) {
  return fmt::format(" class=\"series{}\"", series % kColors.size());
}

std::vector<std::string> draw_dots(const std::vector<DotPoint>& points, int columns, int rows) {
  std::vector<std::vector<unsigned>> cells(static_cast<size_t>(rows),
                                           std::vector<unsigned>(static_cast<size_t>(columns)));
  // Unicode's numbering of a cell's dots, by column and row.
  constexpr unsigned kDot[2][4] = {{0x01, 0x02, 0x04, 0x40}, {0x08, 0x10, 0x20, 0x80}};
  for (const DotPoint& point : points) {
    if (!(point.x >= 0 && point.x <= 1 && point.y >= 0 && point.y <= 1)) continue;
    const int x = std::min(static_cast<int>(point.x * 2 * columns), 2 * columns - 1);
    const int y = std::min(static_cast<int>((1 - point.y) * 4 * rows), 4 * rows - 1);
    cells[static_cast<size_t>(y / 4)][static_cast<size_t>(x / 2)] |= kDot[x % 2][y % 4];
  }
  std::vector<std::string> lines;
  for (const std::vector<unsigned>& row : cells) {
    std::string line;
    for (const unsigned dots : row) {
      if (dots == 0) {  // some fonts draw the empty cell as rings
        line += ' ';
        continue;
      }
      // U+2800 + dots in UTF-8
      line +=
          {static_cast<char>(0xE2), static_cast<char>(0xA0 + dots / 64), static_cast<char>(0x80 + dots % 64)};
    }
    line.erase(line.find_last_not_of(' ') + 1);
    lines.push_back(line);
  }
  return lines;
}

}  // namespace golf
