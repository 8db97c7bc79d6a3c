#pragma once

#include <string>

#include "golf_pack/sweep.h"

namespace golf {

/// Bytes with code against the error in decibels and, where there is one, against the gap in bits per byte,
/// measured and predicted, on a logarithmic axis; the budget's limit as a line across. A self-contained SVG
/// without scripts.
std::string sweep_svg(const Sweep& sweep);

}  // namespace golf
