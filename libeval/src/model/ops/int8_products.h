#pragma once

#include <torch/types.h>

namespace golf {

/// A matrix [outputs, inputs] as int8 with one float32 step a row, laid out for the products of this
/// processor.
struct Int8Matrix {
  int64_t outputs = 0, inputs = 0;
  bool exact = false;  ///< every row is whole multiples of its step; else rows were rounded to ±127 steps
  torch::Tensor steps = {};    ///< [outputs]
  torch::Tensor weights = {};  ///< int8 [outputs, inputs]; as oneDNN or kernels::int8_product lays it out
};

/// Takes float32 on the CPU. Weights that an artifact holds with at most 8 bits and one scale a row come out
/// as its own integers.
Int8Matrix int8_matrix(const torch::Tensor& weight);

/// x [.., inputs] · matrixᵀ: each row of x is rounded to 8 bits with a float32 step of its own
/// (kernels::quantize_rows), products are summed in int32, and the sum is multiplied by both steps in
/// float32. No gradient.
/// @param nonnegative  x has no negative numbers: it is rounded to 255 steps instead of ±127
torch::Tensor int8_linear(const torch::Tensor& x, const Int8Matrix& matrix, bool nonnegative);

}  // namespace golf
