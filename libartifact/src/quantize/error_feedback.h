#pragma once

#include <functional>
#include <span>

#include "golf/artifact/quantize/stored_model.h"
#include "quantize/hessian.h"

namespace golf {

/// Chooses the integers of one column of a matrix for `targets` (one a row), and sets what they decode to.
using ColumnQuantizer = std::function<void(size_t column, std::span<const float> targets,
                                           std::span<int8_t> quantized, std::span<float> decoded)>;

/// Quantizes a matrix column by column. With a `factor`, the targets of a column compensate the errors of the
/// columns before it (GPTQ's error feedback); without, they are the weights.
/// @param weights    [rows, columns], row-major, finite
/// @param factor     of `columns` columns, or null
/// @param quantized  [rows, columns]
/// The result does not depend on the machine or the thread count: each sum has a fixed order.
void quantize_columns(std::span<const float> weights, size_t columns, const HessianFactor* factor,
                      const ColumnQuantizer& quantize, std::span<int8_t> quantized);

/// Chooses the integers of a tensor whose steps are known: Encoding::kIntPerRow (within ±(2^(bits−1) − 1)),
/// kUniform or a trellis. Without a `factor` they are the nearest ones, or the best path through the trellis;
/// with a factor, error feedback goes from column to column.
/// @param weights  those of the tensor, row-major, finite
/// @param factor   of the Hessian of a matrix's inputs, or null
void choose_values(std::span<const float> weights, const HessianFactor* factor, StoredTensor& stored);

}  // namespace golf
