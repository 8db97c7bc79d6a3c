#include <algorithm>
#include <cmath>

#include "model/kernels/kernels.h"
#include "model/kernels/simd.h"

namespace golf::kernels {
namespace {

constexpr int64_t kBlock = 1 << 12;

GOLF_INLINE void adamw_all(const AdamW& in, double* squares) {
  const float keep = static_cast<float>(1.0 - in.lr * in.weight_decay);
  const float rate = static_cast<float>(in.lr / in.unbiased_mean);
  const float root = static_cast<float>(std::sqrt(in.unbiased_square));
  const float eps = static_cast<float>(in.eps), beta2 = static_cast<float>(in.beta2);
  const float new_mean = static_cast<float>(1.0 - in.beta1), new_square = static_cast<float>(1.0 - in.beta2);
  for (int64_t begin = 0; begin < in.count; begin += kBlock) {
    const int64_t count = std::min(kBlock, in.count - begin);
    const float* const g = in.gradient + begin;
    float* const mean = in.mean == nullptr ? nullptr : in.mean + begin;
    float* const square = in.square + begin;
    float* const p = in.parameter + begin;
    if (mean != nullptr) {
      for (int64_t i = 0; i < count; ++i) mean[i] += new_mean * (g[i] - mean[i]);
    }
    const float* const direction = mean != nullptr ? mean : g;
    for (int64_t i = 0; i < count; ++i) {
      square[i] = square[i] * beta2 + new_square * g[i] * g[i];
      p[i] = p[i] * keep - rate * (direction[i] / (std::sqrt(square[i]) / root + eps));
    }
    *squares += dot(g, g, count);
  }
}

}  // namespace

double adamw(const AdamW& in) {
  double squares = 0;
  run<adamw_all>(in, &squares);
  return squares;
}

}  // namespace golf::kernels
