#include <cmath>
#include <vector>

#include "model/kernels/kernels.h"
#include "model/kernels/simd.h"

namespace golf::kernels {
namespace {

constexpr int64_t kRowsPerBlock = 16;

/// Calls body(first, count) for each group of up to 16 classes.
template <class Body>
GOLF_INLINE void for_lanes(int64_t classes, const Body& body) {
  int64_t i = 0;
  for (; i + kLanes <= classes; i += kLanes) body(i, kLanes);
  if (i < classes) body(i, classes - i);
}
GOLF_INLINE Floats load_lanes(const float* p, int64_t count, float filler) {
  return count == kLanes ? load(p) : load_some(p, count, filler);
}
GOLF_INLINE void store_lanes(float* p, Floats v, int64_t count) {
  if (count == kLanes) {
    store(p, v);
  } else {
    store_some(p, v, count);
  }
}

/// `tanhs` and `weights` are scratch of the row's size: tanh(score / cap), and e^(logit − largest logit).
/// The largest logit, rather than the cap, is subtracted: 2·cap may exceed what float32's exp can span.
GOLF_INLINE void score_rows(const SoftcapRows& in, int64_t begin, int64_t end, float* nll, float* entropy,
                            float* scores_grad, float* tanhs, float* weights) {
  const auto cap = static_cast<float>(in.cap);
  const Floats inverse_cap = splat(static_cast<float>(1.0 / in.cap));
  for (int64_t row = begin; row < end; ++row) {
    const float* scores = in.scores + row * in.classes;
    const int64_t target = in.targets[row];

    Floats largest = splat(-1.0F);
    for_lanes(
        in.classes, [&](int64_t first, int64_t count) __attribute__((always_inline)) {
          // A filler of −∞ becomes −1, which is below or equal to every tanh.
          const Floats t = tanh(load_lanes(scores + first, count, -INFINITY) * inverse_cap);
          largest = max(largest, t);
          store_lanes(tanhs + first, t, count);
        });
    const float top = max_lane(largest);

    Floats total{}, weighted{};
    for_lanes(
        in.classes, [&](int64_t first, int64_t count) __attribute__((always_inline)) {
          const Floats below_top = (load_lanes(tanhs + first, count, top) - top) * cap;
          Floats w = exp(below_top);
          if (count < kLanes) {
            for (int64_t i = count; i < kLanes; ++i) w[i] = 0;
          }
          total += w;
          weighted += w * below_top;
          store_lanes(weights + first, w, count);
        });
    const double sum_of_weights = sum(total);
    const double log_sum = std::log(sum_of_weights);
    nll[row] = static_cast<float>(log_sum - static_cast<double>((tanhs[target] - top) * cap));
    if (entropy != nullptr) entropy[row] = static_cast<float>(log_sum - sum(weighted) / sum_of_weights);
    if (scores_grad == nullptr) continue;

    float* grad = scores_grad + row * in.classes;
    const auto weight_scale = static_cast<float>(1.0 / sum_of_weights);
    for (int64_t i = 0; i < in.classes; ++i) {
      grad[i] = weights[i] * weight_scale * (1.0F - tanhs[i] * tanhs[i]);
    }
    grad[target] = (weights[target] * weight_scale - 1.0F) * (1.0F - tanhs[target] * tanhs[target]);
  }
}

void score_blocks(const SoftcapRows& in, float* nll, float* entropy, float* scores_grad, int threads) {
  const int64_t blocks = (in.rows + kRowsPerBlock - 1) / kRowsPerBlock;
#pragma omp parallel num_threads(threads) if (blocks > 1)
  {
    std::vector<float> tanhs(static_cast<size_t>(in.classes)), weights(static_cast<size_t>(in.classes));
#pragma omp for
    for (int64_t block = 0; block < blocks; ++block) {
      const int64_t begin = block * kRowsPerBlock;
      const int64_t end = begin + kRowsPerBlock < in.rows ? begin + kRowsPerBlock : in.rows;
      run<score_rows>(in, begin, end, nll, entropy, scores_grad, tanhs.data(), weights.data());
    }
  }
}

}  // namespace

void softcap_nll(const SoftcapRows& in, float* nll, float* entropy, int threads) {
  score_blocks(in, nll, entropy, nullptr, threads);
}

void softcap_nll_with_gradient(const SoftcapRows& in, float* nll, float* scores_grad, int threads) {
  score_blocks(in, nll, nullptr, scores_grad, threads);
}

}  // namespace golf::kernels
