#pragma once

#include <string>
#include <vector>

#include "common/terminal.h"
#include "golf/artifact/base/json.h"
#include "golf/artifact/budget/size_map.h"
#include "golf/artifact/pack/sweep.h"

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

/// The bytes of a file as a treemap: an area per group, a cell per tensor, sizes in proportion to bytes in
/// the file. A self-contained SVG without scripts; each cell has a tooltip with its exact figures.
std::string treemap_svg(const std::string& title, std::string subtitle, const SizeMap& sizes);

/// One series of a picture: a line, and dots beside it with a tooltip each.
struct Curve {
  struct Point {
    double x = 0, y = 0;
  };
  struct Dot {
    Point at = {};
    std::string tip = {};
  };
  std::string name;    ///< tooltip of the line
  std::string legend;  ///< a line below the picture
  std::vector<Point> line;
  std::vector<Dot> dots;
};

/// Columns in which a line can differ: more points than that are wasted on it.
constexpr size_t kCurveColumns = 550;

/// The losses of one or several runs over their steps, in nats a token: training as lines, validation as
/// dots. A self-contained SVG without scripts.
std::string loss_curves_svg(const std::string& title, const std::vector<Curve>& curves);

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
