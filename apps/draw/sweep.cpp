#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "common/run_main.h"
#include "common/text_table.h"
#include "draw/pictures.h"
#include "draw/plot.h"

namespace golf {
namespace {

constexpr double kWidth = 1200;
constexpr double kLeft = 80, kRight = 40, kTop = 106, kPlotHeight = 400;
constexpr double kPlotWidth = kWidth - kLeft - kRight;
constexpr double kPanel = kPlotHeight + 60;  ///< with the title of the panel below
constexpr size_t kMostLabels = 24;
/// Smaller gaps and those below zero are drawn here: differences that no validation text tells from none.
constexpr double kSmallestGap = 1e-4;

/// A dot of a curve; `hollow` when it stands for a value off the axis.
struct Dot {
  const SweepPoint* point = nullptr;
  double y = 0.0;
  bool hollow = false;
};
struct Curve {
  std::string name = {};
  size_t series = 0;
  std::vector<Dot> dots = {};
};

/// The points' bytes and, when it is not too far from them, the limit.
PlotRange byte_range(const Sweep& sweep) {
  std::vector<double> bytes;
  for (const SweepPoint& point : sweep.points) {
    bytes.push_back(static_cast<double>(sweep.total_bytes(point)));
  }
  const PlotRange points = plot_range(bytes);
  const auto limit = static_cast<double>(sweep.budget.limit_bytes);
  if (points.place(limit) > -1 && points.place(limit) < 2) bytes.push_back(limit);
  PlotRange range = plot_range(bytes);
  range.high += 0.03 * (range.high - range.low);  // for the last label
  return range;
}

PlotFrame frame_of(const Sweep& sweep, int panel, PlotAxis y) {
  PlotFrame frame{.left = kLeft,
                  .top = kTop + panel * kPanel,
                  .width = kPlotWidth,
                  .height = kPlotHeight,
                  .x = {.title = sweep.budget.code.empty() ? "artifact, bytes" : "artifact and code, bytes",
                        .range = byte_range(sweep)},
                  .y = std::move(y)};
  frame.x.ticks = axis_ticks(frame.x.range, 8);
  for (PlotTick& tick : frame.x.ticks) tick.label = with_separators(std::llround(tick.at));
  return frame;
}

std::string limit_line(const PlotFrame& frame, uint64_t limit_bytes) {
  const double place = frame.x.range.place(static_cast<double>(limit_bytes));
  std::string label = fmt::format("budget {} bytes", with_separators(limit_bytes));
  if (place < 0 || place > 1) label = place > 1 ? label + " →" : "← " + label;
  const double x = frame.left + frame.width * std::clamp(place, 0.0, 1.0);
  // The curves fall from the left top to the right bottom: the label stands in one of the other corners.
  const bool right = place > 0.5;
  std::string svg = svg_text(x + (right ? -8 : 8), right ? frame.top + 18 : frame.top + frame.height - 10, 13,
                             label, right ? " text-anchor=\"end\"" : "");
  if (place >= 0 && place <= 1) {
    svg += fmt::format(
        "<path{} d=\"M{:.1f} {:.1f}v{:.1f}\" stroke=\"currentColor\" stroke-width=\"2\" "
        "stroke-dasharray=\"7 5\"/>\n",
        series_class(1), x, frame.top, frame.height);
  }
  return svg;
}

std::string tooltip(const Sweep& sweep, const SweepPoint& point) {
  std::string text =
      fmt::format("step scale {:.4f}: {} bytes, {:.3f} bits/weight, {:.2f} dB", point.step_scale,
                  with_separators(sweep.total_bytes(point)), point.bits_per_weight, point.nmse_decibels());
  if (point.bpb) text += fmt::format(", {:.4f} bpb", *point.bpb);
  if (const auto gap = sweep.gap_bpb(point)) text += fmt::format(", gap {:+.5f}", *gap);
  if (point.predicted_gap_bpb) text += fmt::format(", predicted {:+.5f}", *point.predicted_gap_bpb);
  return text;
}

std::string curve_svg(const Sweep& sweep, const PlotFrame& frame, const Curve& curve) {
  const auto x = [&](const Dot& dot) {
    return frame.place_x(static_cast<double>(sweep.total_bytes(*dot.point)));
  };
  std::string path, dots;
  for (const Dot& dot : curve.dots) {
    path += fmt::format("{}{:.1f} {:.1f}", path.empty() ? "M" : "L", x(dot), frame.place_y(dot.y));
    dots += fmt::format(
        "<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"5\" stroke=\"currentColor\" stroke-width=\"2\" "
        "fill=\"{}\"><title>{}</title></circle>\n",
        x(dot), frame.place_y(dot.y), dot.hollow ? "none" : "currentColor",
        svg_escape(tooltip(sweep, *dot.point)));
  }
  return fmt::format(
      "<g{}>\n<path d=\"{}\" fill=\"none\" stroke=\"currentColor\" stroke-width=\"2\"/>\n{}</g>\n",
      series_class(curve.series), path, dots);
}

/// The curves' names in a row that ends at the frame's right edge.
std::string legend(const PlotFrame& frame, const std::vector<Curve>& curves) {
  std::string svg;
  double right = frame.left + frame.width;
  for (auto curve = curves.rbegin(); curve != curves.rend(); ++curve) {
    svg += svg_text(right, frame.top - 12, 13, curve->name, " text-anchor=\"end\"");
    right -= static_cast<double>(curve->name.size()) * 13 * kSvgCharWidth + 18;
    svg += fmt::format("<circle{} cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"5\" fill=\"currentColor\"/>\n",
                       series_class(curve->series), right, frame.top - 16);
    right -= 24;
  }
  return svg;
}

bool overlap(const Rect& a, const Rect& b) {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

/// The bits a weight beside each dot: above on the right, where a falling curve leaves room, or on another
/// side where that would leave the frame, cross the budget's line or cover a dot or label. A label without a
/// free side is left out; the tooltip has the figure.
std::string labels_svg(const Sweep& sweep, const PlotFrame& frame, const std::vector<Dot>& dots) {
  constexpr double kSize = 12, kAway = 8, kRadius = 6;
  std::vector<Rect> taken;
  const double limit = frame.place_x(static_cast<double>(sweep.budget.limit_bytes));
  taken.push_back({limit - 2, frame.top, 4, frame.height});
  std::vector<double> places;
  for (const Dot& dot : dots) {
    places.push_back(frame.place_x(static_cast<double>(sweep.total_bytes(*dot.point))));
    taken.push_back({places.back() - kRadius, frame.place_y(dot.y) - kRadius, 2 * kRadius, 2 * kRadius});
  }
  std::string svg;
  for (size_t i = 0; i < dots.size(); ++i) {
    const std::string text = fmt::format("{:.2f}", dots[i].point->bits_per_weight);
    const double width = static_cast<double>(text.size()) * kSize * kSvgCharWidth;
    const double x = places[i], y = frame.place_y(dots[i].y);
    for (const Rect& box :
         {Rect{x + kAway, y - kAway - kSize, width, kSize}, Rect{x - kAway - width, y + kAway, width, kSize},
          Rect{x + kAway, y + kAway, width, kSize},
          Rect{x - kAway - width, y - kAway - kSize, width, kSize}}) {
      const bool inside = box.x > frame.left && box.x + box.width < frame.left + frame.width &&
                          box.y > frame.top && box.y + box.height < frame.top + frame.height;
      if (!inside ||
          std::any_of(taken.begin(), taken.end(), [&](const Rect& other) { return overlap(box, other); })) {
        continue;
      }
      svg += svg_text(box.x, box.y + kSize - 1, kSize, text, " class=\"q\"");
      taken.push_back(box);
      break;
    }
  }
  return svg;
}

std::string error_panel(const Sweep& sweep, bool has_gap) {
  Curve curve{.name = "error"};
  std::vector<double> values;
  for (const SweepPoint& point : sweep.points) {
    curve.dots.push_back({.point = &point, .y = point.nmse_decibels()});
    values.push_back(point.nmse_decibels());
  }
  PlotRange range = plot_range(values);
  range.high += 0.05 * (range.high - range.low);  // for the first label
  PlotFrame frame = frame_of(sweep, 0, {"NMSE of the outputs, dB", range, axis_ticks(range, 8)});
  if (has_gap) {  // the panel below has the same axis: lines without labels
    frame.x.title.clear();
    for (PlotTick& tick : frame.x.ticks) tick.label.clear();
  }
  std::string svg = frame.grid() + limit_line(frame, sweep.budget.limit_bytes);
  svg += curve_svg(sweep, frame, curve);
  return sweep.points.size() > kMostLabels ? svg : svg + labels_svg(sweep, frame, curve.dots);
}

Dot gap_dot(const SweepPoint& point, double gap) {
  return {.point = &point, .y = std::log10(std::max(gap, kSmallestGap)), .hollow = gap < kSmallestGap};
}

std::string gap_panel(const Sweep& sweep) {
  std::vector<Curve> curves = {{.name = "measured", .series = 0}, {.name = "predicted", .series = 2}};
  std::vector<double> values;
  for (const SweepPoint& point : sweep.points) {
    if (const auto gap = sweep.gap_bpb(point)) curves[0].dots.push_back(gap_dot(point, *gap));
    if (point.predicted_gap_bpb) curves[1].dots.push_back(gap_dot(point, *point.predicted_gap_bpb));
  }
  std::erase_if(curves, [](const Curve& curve) { return curve.dots.empty(); });
  for (const Curve& curve : curves) {
    for (const Dot& dot : curve.dots) values.push_back(dot.y);
  }
  const PlotRange range = plot_range(values);
  const PlotFrame frame = frame_of(
      sweep, 1, {"quantization gap, bits per byte; hollow: less than 0.0001", range, log_ticks(range)});
  std::string svg = frame.grid() + legend(frame, curves) + limit_line(frame, sweep.budget.limit_bytes);
  for (const Curve& curve : curves) svg += curve_svg(sweep, frame, curve);
  return svg;
}

}  // namespace

std::string sweep_svg(const Sweep& sweep, const std::string& checkpoint) {
  const bool has_gap = sweep.unquantized_bpb || sweep.has_predictions();
  std::string svg = svg_header(kWidth, kTop + (has_gap ? 2 : 1) * kPanel, plot_style());
  svg +=
      svg_text(kLeft, 34, 22,
               fmt::format("Bytes against error: {}", std::filesystem::path(checkpoint).filename().string()),
               " font-weight=\"600\"");
  std::string subtitle =
      fmt::format("recipe {}, codec {}; at the dots: bits per weight", sweep.recipe, sweep.codec);
  if (sweep.unquantized_bpb) {
    subtitle += fmt::format("; before quantization {:.4f} bpb on {} tokens", *sweep.unquantized_bpb,
                            with_separators(sweep.tokens));
  }
  svg += svg_text(kLeft, 58, 14, subtitle, " class=\"q\"");
  svg += error_panel(sweep, has_gap);
  if (has_gap) svg += gap_panel(sweep);
  return svg + "</svg>\n";
}

std::string sweep_text(const Sweep& sweep, const Style& style) {
  std::vector<Column> columns = {{"step scale"},
                                 {"artifact", Align::kRight, Fit::kWhole, 3},
                                 {"with code"},
                                 {"left"},
                                 {"bits/weight", Align::kRight, Fit::kWhole, 1},
                                 {"NMSE, dB", Align::kRight, Fit::kWhole, 2}};
  if (sweep.has_predictions()) columns.push_back({"predicted"});
  if (sweep.unquantized_bpb) columns.insert(columns.end(), {{"bpb"}, {"gap"}});
  TextTable table(columns);
  for (const SweepPoint& point : sweep.points) {
    BudgetReport report = sweep.budget;
    report.artifact_bytes = point.artifact_bytes;
    std::vector<std::string> cells = {
        fmt::format("{:.4f}", point.step_scale),      with_separators(point.artifact_bytes),
        with_separators(report.total_bytes()),        with_sign(report.margin_bytes()),
        fmt::format("{:.3f}", point.bits_per_weight), fmt::format("{:.2f}", point.nmse_decibels())};
    const auto add = [&](const char* format, const std::optional<double>& value) {
      cells.push_back(value ? fmt::format(fmt::runtime(format), *value) : "-");
    };
    if (sweep.has_predictions()) add("{:+.5f}", point.predicted_gap_bpb);
    if (sweep.unquantized_bpb) {
      add("{:.4f}", point.bpb);
      add("{:+.5f}", sweep.gap_bpb(point));
    }
    table.add(std::move(cells));
  }
  std::string text = table.render(style);
  if (sweep.unquantized_bpb) {
    text += fmt::format("before quantization: {:.4f} bpb on {} tokens\n", *sweep.unquantized_bpb,
                        with_separators(sweep.tokens));
  }
  return text;
}

Json sweep_json(const Sweep& sweep) {
  Json json = Json::object({{"schema", "golf.sweep/1"},
                            {"version", project_version()},
                            {"recipe", sweep.recipe},
                            {"codec", sweep.codec},
                            {"limit_bytes", sweep.budget.limit_bytes},
                            {"code_bytes", sweep.budget.code_bytes()}});
  if (sweep.unquantized_bpb) {
    json["unquantized_bpb"] = *sweep.unquantized_bpb;
    json["tokens"] = sweep.tokens;
  }
  Json rows = Json::array();
  for (const SweepPoint& point : sweep.points) {
    Json row = Json::object({{"step_scale", point.step_scale},
                             {"artifact_bytes", point.artifact_bytes},
                             {"bits_per_weight", point.bits_per_weight},
                             {"nmse", point.nmse}});
    if (point.predicted_gap_bpb) row["predicted_gap_bpb"] = *point.predicted_gap_bpb;
    if (point.bpb) row["bpb"] = *point.bpb;
    if (const auto gap = sweep.gap_bpb(point)) row["gap_bpb"] = *gap;
    rows.push_back(std::move(row));
  }
  json["points"] = std::move(rows);
  return json;
}

}  // namespace golf
