#pragma once

#include <torch/types.h>

#include <cstdint>

namespace golf {

/// An approximation of the orthogonal factor of each matrix: singular values end near 1 (between about 0.7
/// and 1.2 after 5 steps), singular vectors stay.
///
/// X = g / (‖g‖_F + 1e-7); then `steps` times, on the side with the fewer rows: S = X·Xᵀ,
/// X ← a·X + (b·S + (c·S)·S)·X with (a, b, c) = (3.4445, −4.7750, 2.0315). Every operation is rounded to
/// `dtype` (products accumulate in float32).
/// @param g  [.., r, c]; leading dimensions are a batch of matrices, each treated on its own
/// @return [.., r, c] in `dtype`
/// Source: spec §4, Muon, steps 2 and 3.
torch::Tensor newton_schulz(const torch::Tensor& g, int64_t steps, torch::ScalarType dtype);

}  // namespace golf
