#pragma once

#include "golf/artifact/quantize/quantizer.h"

namespace golf {

/// log2 of the finest and the coarsest level that fits look at: where every row reaches ±127, and where all
/// but outliers are 0.
inline constexpr double kFinestLog2 = -9.0;
inline constexpr double kCoarsestLog2 = 4.0;

/// @throws Error kInvalidArgument when no steps are free
void require_free_steps(const Quantizer& quantizer);

}  // namespace golf
