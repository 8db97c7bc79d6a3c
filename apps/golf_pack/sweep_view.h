#pragma once

#include <string>

#include "common/terminal.h"
#include "golf/artifact/base/json.h"
#include "golf_pack/sweep.h"

namespace golf {

/// A line for each level. The columns "predicted", "bpb" and "gap" are there when they have values.
std::string sweep_text(const Sweep& sweep, const Style& style);
/// golf.sweep/1
Json sweep_json(const Sweep& sweep);

}  // namespace golf
