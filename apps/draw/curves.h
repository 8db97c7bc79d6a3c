#pragma once

#include <string>
#include <vector>

namespace golf {

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

}  // namespace golf
