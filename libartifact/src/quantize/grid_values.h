#pragma once

#include <span>

#include "golf/artifact/quantize/stored_model.h"
#include "quantize/moment_factor.h"

namespace golf {

/// Chooses the integers of a tensor whose steps are known: Storage::kIntPerRow (within ±(2^(bits−1) − 1)),
/// kUniform or kTrellis. Without a `factor` the nearest, or the best path through the trellis; with one, with
/// error feedback from column to column.
/// @param weights  the tensor's, row-major, finite
/// @param factor   of the inputs' second moments, or null; a matrix's
void choose_values(std::span<const float> weights, const MomentFactor* factor, StoredTensor& stored);

}  // namespace golf
