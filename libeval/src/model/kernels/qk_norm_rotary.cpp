#include <algorithm>
#include <cmath>
#include <vector>

#include "model/kernels/kernels.h"
#include "model/kernels/simd.h"

namespace golf::kernels {
namespace {

constexpr int64_t kRowsPerBlock = 64;

GOLF_INLINE void forward_rows(const QkNormRotary& in, int64_t begin, int64_t end, float* y) {
  const int64_t width = in.head_dim;
  for (int64_t row = begin; row < end; ++row) {
    const float* cos = in.cos + row % in.length * in.pairs;
    const float* sin = in.sin + row % in.length * in.pairs;
    for (int64_t head = 0; head < in.heads; ++head) {
      const int64_t at = (row * in.heads + head) * width;
      const float* a = in.x + at;
      const float* b = a + in.pairs;
      float* out = y + at;
      const float inverse = 1.0F / std::sqrt(dot(a, a, width) / static_cast<float>(width) + kRmsEpsilon);
      const float scale = in.gain == nullptr ? inverse : inverse * in.gain[head];
      for (int64_t i = 0; i < in.pairs; ++i) {
        out[i] = (a[i] * cos[i] + b[i] * sin[i]) * scale;
        out[i + in.pairs] = (b[i] * cos[i] - a[i] * sin[i]) * scale;
      }
      for (int64_t i = 2 * in.pairs; i < width; ++i) out[i] = a[i] * scale;
    }
  }
}

/// With n = x · inverse the normed head and u the gradient turned back by +θ:
/// gain_grad = Σ u ⊙ n, x_grad = gain · inverse · (u − n · mean(u ⊙ n)).
GOLF_INLINE void backward_rows(const QkNormRotary& in, int64_t begin, int64_t end, const float* y_grad,
                               float* x_grad, double* gain_sums) {
  const int64_t width = in.head_dim;
  for (int64_t row = begin; row < end; ++row) {
    const float* cos = in.cos + row % in.length * in.pairs;
    const float* sin = in.sin + row % in.length * in.pairs;
    for (int64_t head = 0; head < in.heads; ++head) {
      const int64_t at = (row * in.heads + head) * width;
      const float* x = in.x + at;
      const float* a_grad = y_grad + at;
      const float* b_grad = a_grad + in.pairs;
      float* u = x_grad + at;
      for (int64_t i = 0; i < in.pairs; ++i) {
        u[i] = a_grad[i] * cos[i] - b_grad[i] * sin[i];
        u[i + in.pairs] = a_grad[i] * sin[i] + b_grad[i] * cos[i];
      }
      for (int64_t i = 2 * in.pairs; i < width; ++i) u[i] = a_grad[i];
      const float inverse = 1.0F / std::sqrt(dot(x, x, width) / static_cast<float>(width) + kRmsEpsilon);
      const float similarity = dot(u, x, width) * inverse;  // Σ u ⊙ n
      const float scale = in.gain == nullptr ? inverse : inverse * in.gain[head];
      const float slope = scale * similarity * inverse / static_cast<float>(width);
      for (int64_t i = 0; i < width; ++i) u[i] = u[i] * scale - x[i] * slope;
      if (gain_sums != nullptr) gain_sums[head] += similarity;
    }
  }
}

}  // namespace

void qk_norm_rotary(const QkNormRotary& in, float* y, int threads) {
  const int64_t blocks = (in.rows + kRowsPerBlock - 1) / kRowsPerBlock;
#pragma omp parallel for num_threads(threads) if (blocks > 1)
  for (int64_t block = 0; block < blocks; ++block) {
    run<forward_rows>(in, block * kRowsPerBlock, std::min(in.rows, (block + 1) * kRowsPerBlock), y);
  }
}

void qk_norm_rotary_backward(const QkNormRotary& in, const float* y_grad, float* x_grad, float* gain_grad,
                             int threads) {
  const int64_t blocks = (in.rows + kRowsPerBlock - 1) / kRowsPerBlock;
  std::vector<double> gain_sums(gain_grad == nullptr ? 0 : static_cast<size_t>(blocks * in.heads));
#pragma omp parallel for num_threads(threads) if (blocks > 1)
  for (int64_t block = 0; block < blocks; ++block) {
    run<backward_rows>(in, block * kRowsPerBlock, std::min(in.rows, (block + 1) * kRowsPerBlock), y_grad,
                       x_grad, gain_grad == nullptr ? nullptr : gain_sums.data() + block * in.heads);
  }
  if (gain_grad == nullptr) return;
  for (int64_t head = 0; head < in.heads; ++head) {
    double total = 0;
    for (int64_t block = 0; block < blocks; ++block)
      total += gain_sums[static_cast<size_t>(block * in.heads + head)];
    gain_grad[head] = static_cast<float>(total);
  }
}

}  // namespace golf::kernels
