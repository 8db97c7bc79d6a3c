#include <algorithm>
#include <numeric>

#include "draw/pictures.h"

namespace golf {
namespace {

/// The worst ratio of long to short side when areas sharing `sum` are laid along a side of length `side`.
double worst_ratio(double smallest, double largest, double sum, double side) {
  const double square = side * side;
  return std::max(square * largest / (sum * sum), sum * sum / (square * smallest));
}

/// Lays `areas[order[first..last)]` as one strip along the shorter side of `box`; returns what is left of it.
Rect place_strip(const std::vector<double>& areas, const std::vector<size_t>& order, size_t first,
                 size_t last, double sum, const Rect& box, std::vector<Rect>& rects) {
  const bool vertical = box.width >= box.height;  // the strip is a column at the left
  const double side = vertical ? box.height : box.width;
  const double thickness = sum / side;
  double offset = 0;
  for (size_t i = first; i < last; ++i) {
    const double length = areas[order[i]] / thickness;
    rects[order[i]] = vertical ? Rect{box.x, box.y + offset, thickness, length}
                               : Rect{box.x + offset, box.y, length, thickness};
    offset += length;
  }
  if (vertical) return {box.x + thickness, box.y, std::max(0.0, box.width - thickness), box.height};
  return {box.x, box.y + thickness, box.width, std::max(0.0, box.height - thickness)};
}

}  // namespace

std::vector<Rect> squarify(const std::vector<double>& weights, const Rect& box) {
  std::vector<Rect> rects(weights.size());
  const double total = std::accumulate(weights.begin(), weights.end(), 0.0);
  if (weights.empty() || total <= 0 || box.area() <= 0) return rects;

  std::vector<double> areas;
  for (const double weight : weights) areas.push_back(weight / total * box.area());
  std::vector<size_t> order(weights.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return areas[a] > areas[b]; });

  Rect rest = box;
  size_t first = 0;
  while (first < order.size()) {
    const double side = std::min(rest.width, rest.height);
    if (side <= 0) break;  // rounding used the box up: what is left is invisible
    double sum = areas[order[first]];
    size_t last = first + 1;
    while (last < order.size()) {
      const double next = areas[order[last]];
      const double largest = areas[order[first]];
      if (worst_ratio(next, largest, sum + next, side) >
          worst_ratio(areas[order[last - 1]], largest, sum, side))
        break;
      sum += next;
      ++last;
    }
    rest = place_strip(areas, order, first, last, sum, rest, rects);
    first = last;
  }
  return rects;
}

}  // namespace golf
