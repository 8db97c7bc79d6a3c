#pragma once

#include <vector>

#include "golf/artifact/quantize/quant_recipe.h"
#include "golf/artifact/quantize/scheme_table.h"

namespace golf {

/// A tensor, its scheme and its statistics.
struct Assignment {
  const NamedTensor* source = nullptr;
  Scheme scheme = {};
  TensorStatistics known = {};
  const FineColumns* fine_columns = nullptr;  ///< columns that get finer scales
};

/// Every tensor's scheme by recipe and overrides, dropped tensors left out.
/// @throws Error kInvalidArgument: an override that matches nothing, no rule for a tensor, a scheme that
/// needs a matrix, or a Hessian or a diagonal Fisher that the calibration lacks
std::vector<Assignment> assign_schemes(const TensorSet& tensors, const QuantRecipe& recipe,
                                       const QuantizeOptions& options);

}  // namespace golf
