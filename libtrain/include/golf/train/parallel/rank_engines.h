#pragma once

#include <string>

namespace golf {

/// The engines that this build's ranks can speak through: "gloo, nccl", "gloo", "none".
std::string rank_engines();

}  // namespace golf
