#pragma once

#include <string>
#include <vector>

#include "common/terminal.h"
#include "golf/artifact/base/json.h"
#include "golf_inspect/run_curves.h"

namespace golf {

/// Runs for people: how far each got, its scores, and its loss drawn with Braille dots, all on the same axes.
std::string runs_text(const std::vector<RunCurves>& runs, const Style& style);
/// Schema "golf.runs/1": the figures, and each curve averaged into at most 200 points.
Json runs_json(const std::vector<RunCurves>& runs);

/// A curve as lines of Braille characters, 2×4 dots each. Points outside [0, 1]² are left out; y grows
/// upwards.
struct DotPoint {
  double x = 0, y = 0;
};
std::vector<std::string> draw_dots(const std::vector<DotPoint>& points, int columns, int rows);

}  // namespace golf
