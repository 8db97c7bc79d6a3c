#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/terminal.h"
#include "golf/artifact/base/json.h"
#include "golf/artifact/budget/size_map.h"
#include "golf/artifact/pack/sweep.h"
#include "golf/artifact/report/breakdown.h"

namespace golf {

struct Rect {
  double x = 0, y = 0, width = 0, height = 0;

  double area() const { return width * height; }
};

/// Divides `box` into one rectangle per weight, areas in proportion, as near to squares as the greedy method
/// gets. Weights must be positive; they may come in any order, the largest are placed first.
/// @return rectangles in the order of the weights, which tile the box
/// Source: Bruls, Huizing, van Wijk, "Squarified Treemaps" (2000).
std::vector<Rect> squarify(const std::vector<double>& weights, const Rect& box);

/// The bytes of a file as a treemap: a box for each row of the breakdown by `by`, a cell in it for each
/// tensor, sizes in proportion to bytes in the file. With a budget a bar above it shows what is free. A
/// self-contained SVG without scripts; each cell has a tooltip with its exact figures.
std::string treemap_svg(const std::string& title, std::string subtitle, const SizeMap& sizes,
                        BreakdownKey by = BreakdownKey::kGroup,
                        const std::optional<BudgetReport>& budget = {});

/// One series of a picture: a line, what it is smoothed from or the mean of, and dots with a tooltip each.
struct Curve {
  struct Point {
    double x = 0, y = 0;
  };
  struct Range {
    double x = 0, low = 0, high = 0;
  };
  struct Dot {
    Point at = {};
    std::string tip = {};
  };
  std::string name = {};    ///< tooltip of the line
  std::string label = {};   ///< in the legend
  std::string detail = {};  ///< in the legend after the label, where there is room
  std::vector<Point> line = {};
  std::vector<Point> raw = {};   ///< drawn faint below the line
  std::vector<Range> band = {};  ///< drawn as a faint area
  std::vector<Dot> dots = {};
};

/// Columns in which a line can differ: more points than that are wasted on it.
constexpr size_t kCurveColumns = 550;

struct CurvesPicture {
  std::string title = {};
  std::string x_title = {}, y_title = {};
  bool log_x = false, log_y = false;  ///< values that are not positive are left out
  bool figure = false;  ///< as wide as a column of a paper (3.25 inches), without title, for a light ground
  std::vector<Curve> curves = {};
};
/// Lines, bands and dots on common axes. A self-contained SVG without scripts.
std::string curves_svg(const CurvesPicture& picture);

/// A line for each point. The columns "predicted", "bpb" and "gap" are there when they have values.
std::string sweep_text(const Sweep& sweep, const Style& style);
/// golf.sweep/1
Json sweep_json(const Sweep& sweep);

/// Bytes with code against the NMSE in decibels. A second panel shows the quantization gap in bits per byte,
/// measured and predicted, on a logarithmic axis, where there is one. The budget's limit is a line across.
/// The SVG is self-contained and has no scripts.
/// @param checkpoint  its name, for the title
std::string sweep_svg(const Sweep& sweep, const std::string& checkpoint);

}  // namespace golf
