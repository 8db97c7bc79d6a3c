#pragma once

#include <vector>

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

}  // namespace golf
