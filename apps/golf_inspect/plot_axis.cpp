#include "golf_inspect/plot_axis.h"

#include <algorithm>
#include <cmath>

namespace golf {

std::vector<double> axis_ticks(double low, double high, int wanted) {
  const double rough = (high - low) / std::max(wanted, 1);
  const double power = std::pow(10.0, std::floor(std::log10(rough)));
  double step = 10 * power;
  for (const double round : {1.0, 2.0, 5.0}) {
    if (round * power >= rough) {
      step = round * power;
      break;
    }
  }
  std::vector<double> ticks;
  for (double i = std::ceil(low / step); i * step <= high; i += 1) ticks.push_back(i * step);
  return ticks;
}

PlotRange plot_range(const std::vector<double>& values) {
  if (values.empty()) return {};
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  const double margin = std::max(0.03 * (*high - *low), 1e-6 * std::max(1.0, std::abs(*high)));
  return {*low - margin, *high + margin};
}

}  // namespace golf
