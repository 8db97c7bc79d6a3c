#pragma once

#include <string>
#include <vector>

namespace golf {

/// What a plot of values shows: the smallest and largest, apart even when all are equal, widened by a little.
struct PlotRange {
  double low = 0, high = 1;

  double place(double value) const { return (value - low) / (high - low); }
};
PlotRange plot_range(const std::vector<double>& values);

/// A labelled place on an axis.
struct PlotTick {
  double at = 0;
  std::string label = {};
};
/// Round numbers (1, 2 or 5 times a power of ten apart) that lie in the range, about `wanted` of them.
std::vector<PlotTick> axis_ticks(const PlotRange& range, int wanted);
/// For an axis of decimal logarithms: those of 1, 2 and 5 times the powers of ten that lie in the range,
/// labelled with the numbers themselves.
std::vector<PlotTick> log_ticks(const PlotRange& range);

/// One axis: what it shows, with its unit.
struct PlotAxis {
  std::string title = {};
  PlotRange range = {};
  std::vector<PlotTick> ticks = {};
};

}  // namespace golf
