#include "golf_inspect/curves_svg.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "common/text_table.h"
#include "golf_inspect/plot_axis.h"
#include "golf_inspect/svg.h"

namespace golf {
namespace {

constexpr double kWidth = 1200, kHeight = 640;
constexpr double kLeft = 70, kRight = 30, kTop = 76, kBottom = 60;
constexpr double kPlotWidth = kWidth - kLeft - kRight, kPlotHeight = kHeight - kTop - kBottom;
constexpr double kLegendRow = 22;

/// Dark strokes that stay apart for colour-blind readers.
constexpr std::array kColors = {"#0072b2", "#d55e00", "#009e73", "#cc79a7", "#8a6d00", "#56b4e9", "#444444"};

struct Frame {
  PlotRange steps, losses;

  double x(double step) const { return kLeft + kPlotWidth * steps.place(step); }
  double y(double loss) const { return kTop + kPlotHeight * (1 - losses.place(loss)); }
};

std::string grid(const Frame& frame) {
  std::string svg;
  for (const double tick : axis_ticks(frame.losses.low, frame.losses.high, 8)) {
    const double y = frame.y(tick);
    svg += fmt::format("<path d=\"M{:.1f} {:.1f}h{:.1f}\" stroke=\"#e2e5e9\"/>\n", kLeft, y, kPlotWidth);
    svg += svg_text(kLeft - 8, y + 4, 12, fmt::format("{:.6g}", tick), " text-anchor=\"end\" class=\"q\"");
  }
  for (const double tick : axis_ticks(std::max(frame.steps.low, 0.0), frame.steps.high, 10)) {
    const double x = frame.x(tick);
    svg += fmt::format("<path d=\"M{:.1f} {:.1f}v{:.1f}\" stroke=\"#eef0f2\"/>\n", x, kTop, kPlotHeight);
    svg += svg_text(x, kTop + kPlotHeight + 18, 12, fmt::format("{:.6g}", tick),
                    " text-anchor=\"middle\" class=\"q\"");
  }
  svg += svg_text(kLeft + kPlotWidth / 2, kTop + kPlotHeight + 42, 13, "step", " text-anchor=\"middle\"");
  return svg;
}

std::string curve(const RunCurves& run, const Frame& frame, const char* color) {
  const std::vector<CurvePoint> points = averaged_loss(run, static_cast<size_t>(kPlotWidth / 2));
  std::string path;
  for (const CurvePoint& point : points) {
    path +=
        fmt::format("{}{:.1f} {:.1f}", path.empty() ? "M" : "L", frame.x(point.step), frame.y(point.loss));
  }
  std::string svg = fmt::format("<g><title>{}</title>\n", svg_escape(run.name));
  if (!path.empty()) {
    svg += fmt::format("<path d=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"1.5\"/>\n", path, color);
  }
  for (const ValidationPoint& point : run.validations) {
    svg += fmt::format(
        "<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"4\" fill=\"{}\" "
        "stroke=\"#fff\"><title>{}</title></circle>\n",
        frame.x(static_cast<double>(point.step)), frame.y(point.val_loss), color,
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
  const Frame frame{.steps = plot_range(steps), .losses = plot_range(losses)};
  const double height = kHeight + kLegendRow * static_cast<double>(runs.size());
  std::string svg = svg_header(kWidth, height);
  svg += svg_text(
      kLeft, 34, 22,
      runs.size() == 1 ? "Loss: " + runs[0].name : "Loss of " + std::to_string(runs.size()) + " runs",
      " font-weight=\"600\"");
  svg += svg_text(kLeft, 58, 14, "nats a token; line: training, dots: validation", " class=\"q\"");
  svg += grid(frame);
  for (size_t i = 0; i < runs.size(); ++i) svg += curve(runs[i], frame, kColors[i % kColors.size()]);
  for (size_t i = 0; i < runs.size(); ++i) {
    const double y = kHeight + kLegendRow * static_cast<double>(i);
    svg += fmt::format("<path d=\"M{:.1f} {:.1f}h24\" stroke=\"{}\" stroke-width=\"3\"/>\n", kLeft, y,
                       kColors[i % kColors.size()]);
    svg += svg_text(kLeft + 34, y + 4, 13, legend_line(runs[i]));
  }
  return svg + "</svg>\n";
}

}  // namespace golf
