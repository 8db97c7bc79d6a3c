#pragma once

#include <span>
#include <vector>

#include "quantize/hessian.h"

namespace golf {

/// The weights W' [rows, columns] that give a matrix's original outputs W·x as nearly as they can from the
/// inputs x̂ of the quantized model: the least mean of |W·x − W'·x̂|², with the damping δ of the factor
/// holding W' to W. W' = W + W·(C − H)·(H + δ)⁻¹, so that errors of earlier matrices are made good where
/// this one can.
/// Source: Zhang et al., Qronos: correcting the past by shaping the future, 2025.
/// @param hessian  H [columns, columns], the mean of x̂·x̂ᵀ
/// @param cross    C [columns, columns], the mean of x·x̂ᵀ
/// @param factor   of H
/// The result is the same on every machine: sums have a fixed order.
/// @throws Error kCorruptData when a weight leaves float32's range: no inputs have such moments
std::vector<float> weights_for_inputs(std::span<const float> weights, std::span<const float> hessian,
                                      std::span<const float> cross, const HessianFactor& factor);

}  // namespace golf
