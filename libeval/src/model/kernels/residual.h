#pragma once

#include <cstdint>

namespace golf::kernels {

// `threads` is the most that a kernel may use; no result depends on it.

/// The residual stream's update: stream = a ⊙ x + b ⊙ y in every row; a null `a` stands for ones.
struct WeightedSum {
  int64_t rows, width;
  const float* a;  ///< [width] or null
  const float* x;  ///< [rows, width]
  const float* b;  ///< [width]
  const float* y;  ///< [rows, width]
};

/// `normed` and `inverse_rms` may both be null; else normed = stream · inverse_rms with one inverse a row.
void weighted_sum(const WeightedSum& in, float* stream, float* normed, float* inverse_rms, int threads);

struct WeightedSumGradients {
  const float* stream_grad;  ///< [rows, width] or null: of the stream
  const float* normed_grad;  ///< [rows, width] or null: of the norm; needs `stream` and `inverse_rms`
  const float* stream;
  const float* inverse_rms;
  float* x_grad;  ///< [rows, width]
  float* y_grad;  ///< [rows, width]
  float* a_grad;  ///< [width], or null when `a` is
  float* b_grad;  ///< [width]
};
/// Channel sums are taken over blocks of rows in float32 and over blocks in float64, in an order that does
/// not depend on the number of threads.
void weighted_sum_backward(const WeightedSum& in, const WeightedSumGradients& out, int threads);

/// x / √(mean(x²) + ε) in every row.
void rms_norm(int64_t rows, int64_t width, const float* x, float* normed, float* inverse_rms, int threads);
void rms_norm_backward(int64_t rows, int64_t width, const float* x, const float* inverse_rms,
                       const float* normed_grad, float* x_grad, int threads);

/// max(x, 0)² and its gradient 2 · max(x, 0) · grad.
void relu_squared(int64_t count, const float* x, float* y, int threads);
void relu_squared_backward(int64_t count, const float* x, const float* y_grad, float* x_grad, int threads);

}  // namespace golf::kernels
