#pragma once

#include <set>
#include <string>

#include "config/variables.h"

namespace golf {

/// Reads the variables by which the records say how they pack, and whether they adapt. COMPRESSOR sets
/// export.format, ptz_layout and codec where export.recipe is one of theirs. The others (MATRIX_BITS,
/// LQER_RANK, …) describe a recipe: they count as read where export.recipe packs just so.
/// @return the names that are read; the others are named in a warning
std::set<std::string> apply_packing_variables(Variables& variables);

}  // namespace golf
