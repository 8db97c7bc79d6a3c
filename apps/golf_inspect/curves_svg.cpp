#include "golf_inspect/curves_svg.h"

#include <fmt/format.h>

#include <algorithm>

#include "common/plot_frame.h"
#include "common/svg.h"

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

std::string curve(const RunCurves& run, const PlotFrame& frame, size_t series) {
  const std::vector<CurvePoint> points = averaged_loss(run, static_cast<size_t>(kPlotWidth / 2));
  std::string path;
  for (const CurvePoint& point : points) {
    path += fmt::format("{}{:.1f} {:.1f}", path.empty() ? "M" : "L", frame.place_x(point.step),
                        frame.place_y(point.loss));
  }
  std::string svg = fmt::format("<g{}><title>{}</title>\n", series_class(series), svg_escape(run.name));
  if (!path.empty()) {
    svg += fmt::format("<path d=\"{}\" fill=\"none\" stroke=\"currentColor\" stroke-width=\"1.5\"/>\n", path);
  }
  for (const ValidationPoint& point : run.validations) {
    svg += fmt::format(
        "<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"4\" fill=\"currentColor\"><title>{}</title></circle>\n",
        frame.place_x(static_cast<double>(point.step)), frame.place_y(point.val_loss),
        svg_escape(fmt::format("{} step {}: val_loss {:.4f}, val_bpb {:.4f}", run.name, point.step,
                               point.val_loss, point.val_bpb)));
  }
  return svg + "</g>\n";
}

std::string legend_line(const RunCurves& run) {
  std::string text = run.name == run.path ? run.name : fmt::format("{} ({})", run.path, run.name);
  if (!run.steps.empty()) text += fmt::format(": {} steps", run.steps.back().step);
  if (!run.validations.empty()) text += fmt::format(", val_bpb {:.4f}", run.validations.back().val_bpb);
  return text;
}

}  // namespace

std::string curves_svg(const std::vector<RunCurves>& runs) {
  std::vector<double> steps = {0}, losses;
  for (const RunCurves& run : runs) {
    for (const CurvePoint& point : averaged_loss(run, static_cast<size_t>(kPlotWidth / 2))) {
      steps.push_back(point.step);
      losses.push_back(point.loss);
    }
    for (const ValidationPoint& point : run.validations) {
      steps.push_back(static_cast<double>(point.step));
      losses.push_back(point.val_loss);
    }
  }
  const PlotFrame frame = frame_of(steps, losses);
  const double height = kHeight + kLegendRow * static_cast<double>(runs.size());
  std::string svg = svg_header(kWidth, height, plot_style());
  svg += svg_text(
      kLeft, 34, 22,
      runs.size() == 1 ? "Loss: " + runs[0].name : "Loss of " + std::to_string(runs.size()) + " runs",
      " font-weight=\"600\"");
  svg += frame.grid();
  for (size_t i = 0; i < runs.size(); ++i) svg += curve(runs[i], frame, i);
  for (size_t i = 0; i < runs.size(); ++i) {
    const double y = kHeight + kLegendRow * static_cast<double>(i);
    svg += fmt::format("<path{} d=\"M{:.1f} {:.1f}h24\" stroke=\"currentColor\" stroke-width=\"3\"/>\n",
                       series_class(i), kLeft, y);
    svg += svg_text(kLeft + 34, y + 4, 13, legend_line(runs[i]));
  }
  return svg + "</svg>\n";
}

}  // namespace golf
