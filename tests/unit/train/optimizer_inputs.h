#pragma once

#include <torch/types.h>

#include <string>
#include <vector>

#include "golf/train/named_parameter.h"

namespace golf::test {

/// Repeatable values in about [-1, 1], unlike in every place.
inline torch::Tensor wavy(const std::vector<int64_t>& shape, double phase) {
  int64_t count = 1;
  for (const int64_t size : shape) count *= size;
  return at::sin(at::arange(count, torch::kDouble) * 1.7 + phase).view(shape).to(torch::kFloat);
}

inline NamedParameter parameter(const std::string& name, const torch::Tensor& value) {
  NamedParameter live{name, value.clone()};
  live.tensor.requires_grad_();
  return live;
}

inline void set_gradient(NamedParameter& live, const torch::Tensor& gradient) {
  live.tensor.mutable_grad() = gradient;
}

inline double largest_difference(const torch::Tensor& a, const torch::Tensor& b) {
  return (a.detach().to(torch::kDouble) - b.detach().to(torch::kDouble)).abs().max().item<double>();
}

}  // namespace golf::test
