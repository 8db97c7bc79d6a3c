#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "draw/pictures.h"
#include "draw/plot.h"

namespace golf {
namespace {

/// Measures in pixels, 96 to an inch.
struct Layout {
  double width, height;  ///< without the legend below
  double left, right, top, bottom;
  double font_size, line_width, dot;
  int x_ticks, y_ticks;
};
constexpr Layout kWide = {.width = 1200,
                          .height = 640,
                          .left = 84,
                          .right = 30,
                          .top = 56,
                          .bottom = 66,
                          .font_size = 12,
                          .line_width = 2,
                          .dot = 5,
                          .x_ticks = 10,
                          .y_ticks = 8};
constexpr Layout kFigure = {.width = 312,
                            .height = 210,
                            .left = 44,
                            .right = 10,
                            .top = 8,
                            .bottom = 38,
                            .font_size = 9,
                            .line_width = 1.2,
                            .dot = 2.5,
                            .x_ticks = 5,
                            .y_ticks = 5};
constexpr double kLegendRow = 22;

/// A value's place on an axis. Nothing for what a logarithm does not have.
std::optional<double> on_axis(double value, bool logarithm) {
  if (!std::isfinite(value) || (logarithm && value <= 0)) return std::nullopt;
  return logarithm ? std::log10(value) : value;
}

/// The curves with their values as places on the axes.
std::vector<Curve> on_axes(const CurvesPicture& picture) {
  std::vector<Curve> curves = picture.curves;
  const auto move = [&](double& x, double& y) {
    const auto new_x = on_axis(x, picture.log_x), new_y = on_axis(y, picture.log_y);
    x = new_x.value_or(0);
    y = new_y.value_or(0);
    return new_x && new_y;
  };
  for (Curve& curve : curves) {
    std::erase_if(curve.line, [&](Curve::Point& point) { return !move(point.x, point.y); });
    std::erase_if(curve.raw, [&](Curve::Point& point) { return !move(point.x, point.y); });
    std::erase_if(curve.dots, [&](Curve::Dot& dot) { return !move(dot.at.x, dot.at.y); });
    std::erase_if(curve.band, [&](Curve::Range& range) {
      double x = range.x;
      return !move(x, range.low) || !move(range.x, range.high);
    });
  }
  return curves;
}

PlotAxis axis_of(const std::string& title, const std::vector<double>& values, bool logarithm, int ticks) {
  PlotAxis axis{.title = title, .range = plot_range(values)};
  axis.ticks = logarithm ? log_ticks(axis.range) : axis_ticks(axis.range, ticks);
  const bool large = std::any_of(axis.ticks.begin(), axis.ticks.end(), [&](const PlotTick& tick) {
    return std::abs(logarithm ? std::pow(10.0, tick.at) : tick.at) >= 10'000;
  });
  for (PlotTick& tick : axis.ticks) {
    if (large) tick.label = short_number(logarithm ? std::pow(10.0, tick.at) : tick.at);
  }
  return axis;
}

PlotFrame frame_of(const CurvesPicture& picture, const std::vector<Curve>& curves, const Layout& layout) {
  std::vector<double> x, y;
  const auto add = [&](double at_x, double at_y) {
    x.push_back(at_x);
    y.push_back(at_y);
  };
  for (const Curve& curve : curves) {
    for (const Curve::Point& point : curve.line) add(point.x, point.y);
    for (const Curve::Point& point : curve.raw) add(point.x, point.y);
    for (const Curve::Dot& dot : curve.dots) add(dot.at.x, dot.at.y);
    for (const Curve::Range& range : curve.band) {
      add(range.x, range.low);
      add(range.x, range.high);
    }
  }
  return {.left = layout.left,
          .top = layout.top,
          .width = layout.width - layout.left - layout.right,
          .height = layout.height - layout.top - layout.bottom,
          .x = axis_of(picture.x_title, x, picture.log_x, layout.x_ticks),
          .y = axis_of(picture.y_title, y, picture.log_y, layout.y_ticks),
          .font_size = layout.font_size,
          .turned_title = true,
          .turned_title_at = layout.font_size + 4};
}

std::string path_of(const std::vector<Curve::Point>& points, const PlotFrame& frame) {
  std::string path;
  for (const Curve::Point& point : points) {
    path += fmt::format("{}{:.1f} {:.1f}", path.empty() ? "M" : "L", frame.place_x(point.x),
                        frame.place_y(point.y));
  }
  return path;
}

std::string line_svg(const std::vector<Curve::Point>& points, const PlotFrame& frame, double width,
                     std::string_view more) {
  if (points.empty()) return {};
  return fmt::format(
      "<path d=\"{}\" fill=\"none\" stroke=\"currentColor\" stroke-width=\"{:.1f}\" "
      "stroke-linejoin=\"round\"{}/>\n",
      path_of(points, frame), width, more);
}

std::string band_svg(const std::vector<Curve::Range>& band, const PlotFrame& frame) {
  if (band.empty()) return {};
  std::vector<Curve::Point> outline;
  for (const Curve::Range& range : band) outline.push_back({range.x, range.high});
  for (auto range = band.rbegin(); range != band.rend(); ++range) outline.push_back({range->x, range->low});
  return fmt::format("<path class=\"band\" d=\"{}Z\" fill=\"currentColor\" fill-opacity=\".2\"/>\n",
                     path_of(outline, frame));
}

std::string curve_svg(const Curve& curve, const PlotFrame& frame, const Layout& layout, size_t series) {
  std::string svg = fmt::format("<g{}><title>{}</title>\n", series_class(series), svg_escape(curve.name));
  svg += band_svg(curve.band, frame);
  svg += line_svg(curve.raw, frame, layout.line_width / 2, " stroke-opacity=\".35\"");
  svg += line_svg(curve.line, frame, layout.line_width, "");
  for (const Curve::Dot& dot : curve.dots) {
    svg += fmt::format(
        "<circle class=\"ring\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"{}\" fill=\"currentColor\" "
        "stroke-width=\"{:.1f}\"><title>{}</title></circle>\n",
        frame.place_x(dot.at.x), frame.place_y(dot.at.y), layout.dot, layout.line_width / 2,
        svg_escape(dot.tip));
  }
  return svg + "</g>\n";
}

/// One row a curve: below the frame, or in a figure in its right top corner, which falling curves leave free.
std::string legend_svg(const std::vector<Curve>& curves, const Layout& layout, bool figure) {
  std::string svg;
  for (size_t i = 0; i < curves.size(); ++i) {
    const double row = figure ? layout.font_size * 1.4 : kLegendRow;
    const double y = (figure ? layout.top + row : layout.height) + row * static_cast<double>(i);
    const double length = figure ? 12 : 24;
    const double x = figure ? layout.width - layout.right - 6 - length : layout.left;
    svg +=
        fmt::format("<path{} d=\"M{:.1f} {:.1f}h{:.0f}\" stroke=\"currentColor\" stroke-width=\"{:.1f}\"/>\n",
                    series_class(i), x, y, length, layout.line_width * 1.5);
    if (figure) {
      svg += svg_text(x - 5, y + layout.font_size / 3, layout.font_size, curves[i].label,
                      " text-anchor=\"end\"");
    } else {
      svg += svg_text(x + length + 10, y + 4, layout.font_size + 1, curves[i].label + curves[i].detail);
    }
  }
  return svg;
}

}  // namespace

std::string curves_svg(const CurvesPicture& picture) {
  const Layout& layout = picture.figure ? kFigure : kWide;
  const std::vector<Curve> curves = on_axes(picture);
  const PlotFrame frame = frame_of(picture, curves, layout);
  const double below = picture.figure ? 0 : kLegendRow * static_cast<double>(curves.size());
  std::string svg = svg_header(layout.width, layout.height + below, plot_style(!picture.figure));
  if (!picture.figure) svg += svg_text(layout.left, 34, 22, picture.title, " font-weight=\"600\"");
  svg += frame.grid();
  for (size_t i = 0; i < curves.size(); ++i) svg += curve_svg(curves[i], frame, layout, i);
  return svg + legend_svg(curves, layout, picture.figure) + "</svg>\n";
}

}  // namespace golf
