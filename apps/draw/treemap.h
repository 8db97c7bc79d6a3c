#pragma once

#include <string>
#include <vector>

#include "golf/artifact/budget/size_map.h"

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

}  // namespace golf
