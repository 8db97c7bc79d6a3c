#include "common/plot_axis.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace golf {

PlotRange plot_range(const std::vector<double>& values) {
  if (values.empty()) return {};
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  const double margin = std::max(0.03 * (*high - *low), 1e-6 * std::max(1.0, std::abs(*high)));
  return {*low - margin, *high + margin};
}

std::vector<PlotTick> axis_ticks(const PlotRange& range, int wanted) {
  const double rough = (range.high - range.low) / std::max(wanted, 1);
  const double power = std::pow(10.0, std::floor(std::log10(rough)));
  double step = 10 * power;
  for (const double round : {1.0, 2.0, 5.0}) {
    if (round * power >= rough) {
      step = round * power;
      break;
    }
  }
  std::vector<PlotTick> ticks;
  for (double i = std::ceil(range.low / step); i * step <= range.high; i += 1) {
    const double at = i * step + 0.0;  // no negative zero
    ticks.push_back({at, fmt::format("{:.6g}", at)});
  }
  return ticks;
}

std::vector<PlotTick> log_ticks(const PlotRange& range) {
  std::vector<PlotTick> ticks;
  for (double power = std::floor(range.low); power <= range.high; power += 1) {
    for (const double round : {1.0, 2.0, 5.0}) {
      const double at = power + std::log10(round);
      if (at < range.low || at > range.high) continue;
      ticks.push_back({at, fmt::format("{:.6g}", round * std::pow(10.0, power))});
    }
  }
  return ticks;
}

}  // namespace golf
