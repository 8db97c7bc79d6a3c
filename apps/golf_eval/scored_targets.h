#pragma once

#include <cstdint>
#include <vector>

#include "golf/score/window_plan.h"

namespace golf {

/// The target of each loss of a dump over the windows of `plan`, in its order.
inline std::vector<int64_t> targets_of(const WindowPlan& plan) {
  std::vector<int64_t> targets;
  targets.reserve(static_cast<size_t>(plan.coverage().scored));
  for (int64_t i = 0; i < plan.size(); ++i) {
    const Window window = plan[i];
    for (int64_t t = 0; t < window.scored(); ++t) targets.push_back(window.first_target() + t);
  }
  return targets;
}

}  // namespace golf
