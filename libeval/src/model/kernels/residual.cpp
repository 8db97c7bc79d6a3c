#include <algorithm>
#include <cmath>
#include <vector>

#include "model/kernels/kernels.h"
#include "model/kernels/simd.h"

namespace golf::kernels {
namespace {

constexpr int64_t kRowsPerBlock = 64;
constexpr int64_t kCountPerBlock = 1 << 14;

/// 1 / √(mean(x²) + ε).
GOLF_INLINE float inverse_rms_of(const float* x, int64_t width) {
  return 1.0F / std::sqrt(dot(x, x, width) / static_cast<float>(width) + kRmsEpsilon);
}

GOLF_INLINE void forward_rows(const WeightedSum& in, int64_t begin, int64_t end, float* stream, float* normed,
                              float* inverse_rms) {
  for (int64_t row = begin; row < end; ++row) {
    const float* x = in.x + row * in.width;
    const float* y = in.y + row * in.width;
    float* s = stream + row * in.width;
    if (in.a != nullptr) {
      for (int64_t i = 0; i < in.width; ++i) s[i] = in.a[i] * x[i] + in.b[i] * y[i];
    } else {
      for (int64_t i = 0; i < in.width; ++i) s[i] = x[i] + in.b[i] * y[i];
    }
    if (normed == nullptr) continue;
    const float inverse = inverse_rms_of(s, in.width);
    float* n = normed + row * in.width;
    for (int64_t i = 0; i < in.width; ++i) n[i] = s[i] * inverse * in.norm_scale;
    inverse_rms[row] = inverse;
  }
}

/// The gradient that a row's norm, times `scale`, sends into the row, added to `base` (null: 0):
/// scale · inverse · (g − n · mean(g ⊙ n)) with n = x · inverse.
GOLF_INLINE void norm_row_backward(int64_t width, float scale, const float* x, float inverse, const float* g,
                                   const float* base, float* x_grad) {
  const float rise = scale * inverse;
  const float slope = dot(g, x, width) * rise * inverse * inverse / static_cast<float>(width);
  if (base != nullptr) {
    for (int64_t i = 0; i < width; ++i) x_grad[i] = base[i] + (g[i] * rise - x[i] * slope);
  } else {
    for (int64_t i = 0; i < width; ++i) x_grad[i] = g[i] * rise - x[i] * slope;
  }
}

GOLF_INLINE void backward_rows(const WeightedSum& in, const WeightedSumGradients& out, int64_t begin,
                               int64_t end, float* a_sum, float* b_sum) {
  for (int64_t row = begin; row < end; ++row) {
    const int64_t at = row * in.width;
    const float* x = in.x + at;
    const float* y = in.y + at;
    const float* base = out.stream_grad == nullptr ? nullptr : out.stream_grad + at;
    float* total = out.x_grad + at;  // first the whole gradient of the stream, then that of x
    float* y_grad = out.y_grad + at;
    if (out.normed_grad != nullptr) {
      norm_row_backward(in.width, in.norm_scale, out.stream + at, out.inverse_rms[row], out.normed_grad + at,
                        base, total);
    } else {
      std::copy_n(base, in.width, total);
    }
    for (int64_t i = 0; i < in.width; ++i) y_grad[i] = in.b[i] * total[i];
    if (b_sum != nullptr) {
      for (int64_t i = 0; i < in.width; ++i) b_sum[i] += total[i] * y[i];
    }
    if (a_sum != nullptr) {
      for (int64_t i = 0; i < in.width; ++i) a_sum[i] += total[i] * x[i];
    }
    if (in.a == nullptr) continue;
    for (int64_t i = 0; i < in.width; ++i) total[i] *= in.a[i];
  }
}

/// Adds the rows of `partial` [blocks, width] up in float64.
void add_blocks(const std::vector<float>& partial, int64_t width, float* out) {
  std::vector<double> total(static_cast<size_t>(width));
  for (size_t i = 0; i < partial.size(); ++i) total[i % static_cast<size_t>(width)] += partial[i];
  std::transform(total.begin(), total.end(), out, [](double v) { return static_cast<float>(v); });
}

GOLF_INLINE void norm_rows(int64_t width, float scale, int64_t begin, int64_t end, const float* x,
                           float* normed, float* inverse_rms) {
  for (int64_t row = begin; row < end; ++row) {
    const float inverse = inverse_rms_of(x + row * width, width);
    for (int64_t i = row * width; i < (row + 1) * width; ++i) normed[i] = x[i] * inverse * scale;
    inverse_rms[row] = inverse;
  }
}

GOLF_INLINE void norm_rows_backward(int64_t width, float scale, int64_t begin, int64_t end, const float* x,
                                    const float* inverse_rms, const float* normed_grad, float* x_grad) {
  for (int64_t row = begin; row < end; ++row) {
    const int64_t at = row * width;
    norm_row_backward(width, scale, x + at, inverse_rms[row], normed_grad + at, nullptr, x_grad + at);
  }
}

GOLF_INLINE void leaky_relu_squared_range(int64_t begin, int64_t end, float slope, const float* x, float* y) {
  for (int64_t i = begin; i < end; ++i) {
    const float below = slope == 0 ? 0 : slope * x[i];  // −∞ with slope 0 is 0
    const float a = x[i] < 0 ? below : x[i];            // NaN stays NaN
    y[i] = a * a;
  }
}

GOLF_INLINE void leaky_relu_squared_backward_range(int64_t begin, int64_t end, float slope, const float* x,
                                                   const float* y_grad, float* x_grad) {
  const float square = slope * slope;
  for (int64_t i = begin; i < end; ++i) {
    const float below = slope == 0 ? 0 : square * x[i];
    x_grad[i] = 2 * (x[i] < 0 ? below : x[i]) * y_grad[i];
  }
}

}  // namespace

void weighted_sum(const WeightedSum& in, float* stream, float* normed, float* inverse_rms, int threads) {
  for_blocks(in.rows, kRowsPerBlock, threads, [&](int64_t begin, int64_t end) {
    run<forward_rows>(in, begin, end, stream, normed, inverse_rms);
  });
}

void weighted_sum_backward(const WeightedSum& in, const WeightedSumGradients& out, int threads) {
  const int64_t blocks = blocks_of(in.rows, kRowsPerBlock);
  const auto sums = [&](const float* gradient) {
    return std::vector<float>(gradient == nullptr ? 0 : static_cast<size_t>(blocks * in.width));
  };
  std::vector<float> a_sums = sums(out.a_grad), b_sums = sums(out.b_grad);
  for_blocks(in.rows, kRowsPerBlock, threads, [&](int64_t begin, int64_t end) {
    const int64_t at = begin / kRowsPerBlock * in.width;
    run<backward_rows>(in, out, begin, end, a_sums.empty() ? nullptr : a_sums.data() + at,
                       b_sums.empty() ? nullptr : b_sums.data() + at);
  });
  if (out.a_grad != nullptr) add_blocks(a_sums, in.width, out.a_grad);
  if (out.b_grad != nullptr) add_blocks(b_sums, in.width, out.b_grad);
}

void rms_norm(int64_t rows, int64_t width, float scale, const float* x, float* normed, float* inverse_rms,
              int threads) {
  for_blocks(rows, kRowsPerBlock, threads, [&](int64_t begin, int64_t end) {
    run<norm_rows>(width, scale, begin, end, x, normed, inverse_rms);
  });
}

void rms_norm_backward(int64_t rows, int64_t width, float scale, const float* x, const float* inverse_rms,
                       const float* normed_grad, float* x_grad, int threads) {
  for_blocks(rows, kRowsPerBlock, threads, [&](int64_t begin, int64_t end) {
    run<norm_rows_backward>(width, scale, begin, end, x, inverse_rms, normed_grad, x_grad);
  });
}

void leaky_relu_squared(int64_t count, float slope, const float* x, float* y, int threads) {
  for_blocks(count, kCountPerBlock, threads,
             [&](int64_t begin, int64_t end) { run<leaky_relu_squared_range>(begin, end, slope, x, y); });
}

void leaky_relu_squared_backward(int64_t count, float slope, const float* x, const float* y_grad,
                                 float* x_grad, int threads) {
  for_blocks(count, kCountPerBlock, threads, [&](int64_t begin, int64_t end) {
    run<leaky_relu_squared_backward_range>(begin, end, slope, x, y_grad, x_grad);
  });
}

}  // namespace golf::kernels
