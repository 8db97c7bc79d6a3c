#include "common/plot_frame.h"

#include <fmt/format.h>

#include <array>

#include "common/svg.h"

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

std::string PlotFrame::grid() const {
  std::string svg;
  for (const PlotTick& tick : y.ticks) {
    const double at = place_y(tick.at);
    svg += fmt::format("<path class=\"grid\" d=\"M{:.1f} {:.1f}h{:.1f}\"/>\n", left, at, width);
    svg += svg_text(left - 8, at + 4, 12, tick.label, " text-anchor=\"end\" class=\"q\"");
  }
  for (const PlotTick& tick : x.ticks) {
    const double at = place_x(tick.at);
    svg += fmt::format("<path class=\"grid\" d=\"M{:.1f} {:.1f}v{:.1f}\"/>\n", at, top, height);
    svg += svg_text(at, top + height + 18, 12, tick.label, " text-anchor=\"middle\" class=\"q\"");
  }
  svg += svg_text(left + width / 2, top + height + 42, 13, x.title, " text-anchor=\"middle\"");
  return svg + svg_text(left, top - 12, 13, y.title);
}

std::string plot_style() {
  std::string light = ".grid{stroke:#e2e5e9}";
  std::string dark = "svg{fill:#e6e9ed}.ground{fill:#15181c}.grid{stroke:#33393f}";
  for (size_t i = 0; i < kColors.size(); ++i) {
    light += fmt::format(".series{}{{color:{}}}", i, kColors[i].on_light);
    dark += fmt::format(".series{}{{color:{}}}", i, kColors[i].on_dark);
  }
  return light + "@media(prefers-color-scheme:dark){" + dark + "}";
}

std::string series_class(size_t series) {
  return fmt::format(" class=\"series{}\"", series % kColors.size());
}

}  // namespace golf
