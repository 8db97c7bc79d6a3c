#pragma once

#include <string_view>

#include "golf/artifact/spec/adapt_config.h"

namespace golf {

/// Sets one value of an adaptation: "sgd.lr=0.01". A section that is not there begins with its defaults.
/// @throws Error kInvalidArgument naming the key and, when one is near, the key that was meant
void set_adapt_value(AdaptConfig& config, std::string_view assignment);

}  // namespace golf
