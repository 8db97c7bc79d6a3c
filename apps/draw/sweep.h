#pragma once

#include <string>

#include "common/terminal.h"
#include "golf/artifact/base/json.h"
#include "golf/artifact/pack/sweep.h"

namespace golf {

/// A line for each point. The columns "predicted", "bpb" and "gap" are there when they have values.
std::string sweep_text(const Sweep& sweep, const Style& style);
/// golf.sweep/1
Json sweep_json(const Sweep& sweep);

/// Bytes with code against the NMSE in decibels. A second panel shows the quantization gap in bits per byte,
/// measured and predicted, on a logarithmic axis, where there is one. The budget's limit is a line across.
/// The SVG is self-contained and has no scripts.
/// @param checkpoint  its name, for the title
std::string sweep_svg(const Sweep& sweep, const std::string& checkpoint);

}  // namespace golf
