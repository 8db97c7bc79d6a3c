#pragma once

#include <vector>

namespace golf {

/// Round numbers (1, 2 or 5 times a power of ten apart) that lie in [low, high], about `wanted` of them.
/// low < high.
std::vector<double> axis_ticks(double low, double high, int wanted);

/// What a plot of values shows: the smallest and largest, apart even when all are equal, widened by a little.
struct PlotRange {
  double low = 0, high = 1;

  double place(double value) const { return (value - low) / (high - low); }
};
PlotRange plot_range(const std::vector<double>& values);

}  // namespace golf
