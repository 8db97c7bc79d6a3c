#include "golf_pack/sweep.h"

#include <algorithm>
#include <cmath>

namespace golf {

double SweepPoint::error_decibels() const {
  constexpr double kNone = 1e-20;
  return 10 * std::log10(std::max(relative_error, kNone));
}

std::optional<double> Sweep::gap(const SweepPoint& point) const {
  if (!unquantised || !point.bpb) return std::nullopt;
  return *point.bpb - unquantised->bpb;
}

bool Sweep::has_predictions() const {
  return std::any_of(points.begin(), points.end(),
                     [](const SweepPoint& point) { return point.predicted_gap.has_value(); });
}

}  // namespace golf
