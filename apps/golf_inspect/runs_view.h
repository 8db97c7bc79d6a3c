#pragma once

#include <string>
#include <vector>

#include "common/terminal.h"
#include "golf/artifact/base/json.h"
#include "golf/artifact/report/run_curves.h"

namespace golf {

/// For people: a table, and each run's loss drawn with Braille dots, all on the same axes.
std::string runs_text(const std::vector<RunCurves>& runs, const Style& style);
/// Schema "golf.runs/1": the figures, and each curve averaged into at most 200 points.
Json runs_json(const std::vector<RunCurves>& runs);

}  // namespace golf
