#include <fmt/format.h>

#include <algorithm>

#include "draw/pictures.h"
#include "draw/plot.h"

namespace golf {
namespace {

constexpr double kWidth = 1200, kHeight = 640;
constexpr double kLeft = 70, kRight = 30, kTop = 76, kBottom = 60;
constexpr double kPlotWidth = kWidth - kLeft - kRight, kPlotHeight = kHeight - kTop - kBottom;
constexpr double kLegendRow = 22;

PlotFrame frame_of(const std::vector<double>& steps, const std::vector<double>& losses) {
  const PlotRange x = plot_range(steps), y = plot_range(losses);
  return {.left = kLeft,
          .top = kTop,
          .width = kPlotWidth,
          .height = kPlotHeight,
          .x = {"step", x, axis_ticks({std::max(x.low, 0.0), x.high}, 10)},
          .y = {"nats a token; line: training, dots: validation", y, axis_ticks(y, 8)}};
}

std::string curve_svg(const Curve& curve, const PlotFrame& frame, size_t series) {
  std::string path;
  for (const auto& [x, y] : curve.line) {
    path += fmt::format("{}{:.1f} {:.1f}", path.empty() ? "M" : "L", frame.place_x(x), frame.place_y(y));
  }
  std::string svg = fmt::format("<g{}><title>{}</title>\n", series_class(series), svg_escape(curve.name));
  if (!path.empty()) {
    svg += fmt::format("<path d=\"{}\" fill=\"none\" stroke=\"currentColor\" stroke-width=\"1.5\"/>\n", path);
  }
  for (const Curve::Dot& dot : curve.dots) {
    svg += fmt::format(
        "<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"4\" fill=\"currentColor\"><title>{}</title></circle>\n",
        frame.place_x(dot.at.x), frame.place_y(dot.at.y), svg_escape(dot.tip));
  }
  return svg + "</g>\n";
}

}  // namespace

std::string loss_curves_svg(const std::string& title, const std::vector<Curve>& curves) {
  std::vector<double> steps = {0}, losses;
  const auto add = [&](const Curve::Point& point) {
    steps.push_back(point.x);
    losses.push_back(point.y);
  };
  for (const Curve& curve : curves) {
    for (const Curve::Point& point : curve.line) add(point);
    for (const Curve::Dot& dot : curve.dots) add(dot.at);
  }
  const PlotFrame frame = frame_of(steps, losses);
  const double height = kHeight + kLegendRow * static_cast<double>(curves.size());
  std::string svg = svg_header(kWidth, height, plot_style());
  svg += svg_text(kLeft, 34, 22, title, " font-weight=\"600\"");
  svg += frame.grid();
  for (size_t i = 0; i < curves.size(); ++i) svg += curve_svg(curves[i], frame, i);
  for (size_t i = 0; i < curves.size(); ++i) {
    const double y = kHeight + kLegendRow * static_cast<double>(i);
    svg += fmt::format("<path{} d=\"M{:.1f} {:.1f}h24\" stroke=\"currentColor\" stroke-width=\"3\"/>\n",
                       series_class(i), kLeft, y);
    svg += svg_text(kLeft + 34, y + 4, 13, curves[i].legend);
  }
  return svg + "</svg>\n";
}

}  // namespace golf
