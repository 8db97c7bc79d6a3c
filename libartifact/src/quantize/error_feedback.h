#pragma once

#include <functional>
#include <span>

#include "quantize/moment_factor.h"

namespace golf {

/// Chooses the integers of one column of a matrix for `targets` (one a row), and says what they decode to.
using ColumnQuantizer = std::function<void(size_t column, std::span<const float> targets,
                                           std::span<int8_t> quantized, std::span<float> decoded)>;

/// Quantises a matrix column by column. With a `factor`, the targets of a column make up for the errors of
/// those before it (GPTQ's feedback); without, they are the weights.
/// @param weights    [rows, columns], row-major, finite
/// @param factor     of `columns` columns, or null
/// @param quantized  [rows, columns]
/// The same whatever machine and thread count: each sum has a fixed order.
void quantize_columns(std::span<const float> weights, size_t columns, const MomentFactor* factor,
                      const ColumnQuantizer& quantize, std::span<int8_t> quantized);

}  // namespace golf
