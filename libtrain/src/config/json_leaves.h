#pragma once

#include <functional>
#include <map>
#include <string>

#include "golf/artifact/base/json.h"

namespace golf {

/// Calls visit(key, value) for every value under `json` that is not an object, with its dotted key.
void for_each_leaf(const Json& json, const std::function<void(const std::string&, const Json&)>& visit);
/// The same values by key.
std::map<std::string, Json> leaves_of(const Json& json);

}  // namespace golf
