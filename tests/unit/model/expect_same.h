#pragma once

#include <torch/csrc/autograd/autograd.h>

#include <vector>

#include "unit/model/small_model.h"

namespace golf::test {

using Tensors = std::vector<torch::Tensor>;

inline torch::Tensor rms64(const torch::Tensor& x) {
  return x / at::sqrt(at::square(x).mean({-1}, true) + kRmsEpsilon);
}

/// Runs `op` on float32 inputs and `formula` on the same values in float64, pushes the same random gradient
/// into each output and compares outputs and input gradients.
template <class Op, class Formula>
void expect_same(const Tensors& inputs, const Op& op, const Formula& formula, double tolerance = 2e-6) {
  Tensors narrow, wide;
  for (const torch::Tensor& input : inputs) {
    narrow.push_back(input.detach().clone().set_requires_grad(true));
    wide.push_back(input.detach().to(torch::kDouble).set_requires_grad(true));
  }
  const Tensors found = op(narrow), expected = formula(wide);
  ASSERT_EQ(found.size(), expected.size());
  Tensors gradients32, gradients64;
  for (size_t i = 0; i < found.size(); ++i) {
    EXPECT_EQ(found[i].scalar_type(), torch::kFloat);
    EXPECT_LT(max_difference(found[i], expected[i]), tolerance * (1 + expected[i].abs().max().item<double>()))
        << "output " << i;
    gradients32.push_back(at::randn(expected[i].sizes()));
    gradients64.push_back(gradients32.back().to(torch::kDouble));
  }
  torch::autograd::backward(found, gradients32);
  torch::autograd::backward(expected, gradients64);
  for (size_t i = 0; i < inputs.size(); ++i) {
    ASSERT_TRUE(narrow[i].grad().defined()) << "input " << i;
    EXPECT_EQ(narrow[i].grad().sizes(), inputs[i].sizes());
    EXPECT_LT(max_difference(narrow[i].grad(), wide[i].grad()),
              tolerance * (1 + wide[i].grad().abs().max().item<double>()))
        << "gradient of input " << i;
  }
}

/// Sizes around the vector lengths and row blocks that a kernel may have.
inline std::vector<std::vector<int64_t>> shapes() {
  return {{2, 5, 24}, {1, 1, 3}, {3, 70, 128}, {1, 130, 33}};
}

}  // namespace golf::test
