#pragma once

#include <vector>

#include "golf/artifact/quantize/quant_recipe.h"

namespace golf {

/// Recipes pr88, pr192, pr262, pr993, pr1046 and pr1046-int8: what the entries' own programs store.
/// Source: reference spec §5; spec PR 192 §1.10, PR 262 §2.8, PR 993 §3.
std::vector<QuantRecipe> entry_recipes();

}  // namespace golf
