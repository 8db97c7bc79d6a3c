#pragma once

#include <string>

#include "common/terminal.h"
#include "golf/artifact/base/json.h"

namespace golf {

/// The built-in recipes: name, summary, codec.
std::string recipe_list_text(const Style& style);
/// Schema "golf.recipes/1".
Json recipe_list_json();

}  // namespace golf
