#pragma once

#include <string>

#include "common/plot_axis.h"

namespace golf {

/// A plot's place in a picture, in pixels, and its axes.
struct PlotFrame {
  double left = 0, top = 0, width = 0, height = 0;
  PlotAxis x = {}, y = {};

  double place_x(double value) const { return left + width * x.range.place(value); }
  double place_y(double value) const { return top + height * (1 - y.range.place(value)); }
  /// Grid lines, their labels, the axes' titles.
  std::string grid() const;
};

/// Colours stay apart for colour-blind readers, on the light ground and on the dark one that readers' screens
/// may ask for. They stand in classes; currentColor takes them up. Belongs into svg_header().
std::string plot_style();
/// " class=…" for the lines and dots of a series; the colours come round again.
std::string series_class(size_t series);

}  // namespace golf
