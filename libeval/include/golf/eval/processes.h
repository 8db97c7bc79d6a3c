#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace golf {

/// The processes that share one evaluation. All make the same calls in the same order. Scores do not depend
/// on their number: work is shared in fixed parts, and the gradients of an adapted one are added up in
/// float64.
struct EvalProcesses {
  int64_t index = 0, count = 1;
  /// Adds contiguous float64 values on the CPU up over the processes, in place; all get the same sums.
  std::function<void(const at::Tensor&)> sum = {};
  /// Hands every process the texts of all, in the order of the processes.
  std::function<std::vector<std::string>(const std::string&)> gather = {};

  bool alone() const { return count == 1; }
  bool first() const { return index == 0; }
};

}  // namespace golf
