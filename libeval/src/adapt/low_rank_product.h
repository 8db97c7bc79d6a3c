#pragma once

#include <ATen/ATen.h>

namespace golf {

/// y + scale · x·Aᵀ·Bᵀ for each of N documents: x [N, T, in], y [N, T, out], A [N, r, in], B [N, out, r], all
/// of one dtype. An autograd function with first derivatives, which reads and writes what is as long as x and
/// y as seldom as it can.
at::Tensor add_low_rank_product(const at::Tensor& y_NTO, const at::Tensor& x_NTI, const at::Tensor& a_NRI,
                                const at::Tensor& b_NOR, double scale);

}  // namespace golf
