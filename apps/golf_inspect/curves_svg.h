#pragma once

#include <string>
#include <vector>

#include "golf_inspect/run_curves.h"

namespace golf {

/// The losses of one or several runs over their steps: training as a line (averaged where there are more
/// steps than pixels), validation as dots, in nats a token. A self-contained SVG without scripts.
std::string curves_svg(const std::vector<RunCurves>& runs);

}  // namespace golf
