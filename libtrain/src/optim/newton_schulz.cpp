#include "golf/train/optim/newton_schulz.h"

namespace golf {

torch::Tensor newton_schulz(const torch::Tensor& g, int64_t steps, torch::ScalarType dtype) {
  constexpr double a = 3.4445, b = -4.7750, c = 2.0315;
  constexpr double kTiny = 1e-7;
  torch::Tensor x = g.to(dtype);
  x = x / (at::linalg_vector_norm(x, 2, {-2, -1}, /*keepdim=*/true) + kTiny);
  // The smaller Gram matrix has the same non-zero eigenvalues.
  const bool tall = g.size(-2) > g.size(-1);
  if (tall) x = x.mT();
  for (int64_t i = 0; i < steps; ++i) {
    const torch::Tensor s = at::matmul(x, x.mT());
    const torch::Tensor q = b * s + at::matmul(c * s, s);
    x = a * x + at::matmul(q, x);
  }
  return tall ? x.mT() : x;
}

}  // namespace golf
