#pragma once

#include <cstdint>

namespace golf::kernels {

/// Heads of width 2·pairs that are normed (rms), turned by −θ(position), and multiplied by a gain a head.
struct HeadRotation {
  int64_t rows, length, heads, pairs;  ///< row r of [rows, heads, 2·pairs] stands at position r mod length
  const float* cos;                    ///< [length, pairs]
  const float* sin;
  const float* gain;  ///< [heads], or null for ones
  const float* x;     ///< [rows, heads, 2·pairs]
};

void rotate_heads(const HeadRotation& in, float* y, int threads);
/// gain_grad [heads] is null when gain is; it is summed in float64.
void rotate_heads_backward(const HeadRotation& in, const float* y_grad, float* x_grad, float* gain_grad,
                           int threads);

}  // namespace golf::kernels
