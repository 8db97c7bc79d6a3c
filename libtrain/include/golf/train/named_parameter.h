#pragma once

#include <torch/types.h>

#include <string>

namespace golf {

/// A tensor of the running program under a stable name; shares its storage.
struct NamedParameter {
  std::string name;
  torch::Tensor tensor;
};

}  // namespace golf
