// What happens to attention's output head by head: exclusive attention and gates.
#include <algorithm>
#include <cmath>

#include "model/kernels/kernels.h"
#include "model/kernels/simd.h"

namespace golf::kernels {
namespace {

constexpr int64_t kPositionsPerBlock = 32;
constexpr int64_t kHeadsPerBlock = 256;
constexpr float kSmallestNorm = 1e-12F;

/// 1 / max(‖v‖, 1e-12).
GOLF_INLINE float inverse_norm_of(const float* v, int64_t width) {
  return 1.0F / std::max(std::sqrt(dot(v, v, width)), kSmallestNorm);
}

GOLF_INLINE void exclude_rows(const ExclusiveAttention& in, int64_t begin, int64_t end, float* z) {
  const int64_t group = in.heads / in.kv_heads, K = in.head_dim;
  for (int64_t row = begin * in.kv_heads; row < end * in.kv_heads; ++row) {
    const float* v = in.v + row * K;
    const float inverse = inverse_norm_of(v, K);
    for (int64_t head = row * group; head < (row + 1) * group; ++head) {
      const float* y = in.y + head * K;
      const float along = dot(y, v, K) * inverse * inverse;
      for (int64_t i = 0; i < K; ++i) z[head * K + i] = y[i] - along * v[i];
    }
  }
}

/// With u the unit value and e the gradient of z: y_grad = e − (e · u) u, and u gets −((y · u) e + (e · u) y)
/// from each head. Of that, v gets the part across u, divided by ‖v‖; all of it where the norm is held at
/// 1e-12.
GOLF_INLINE void exclude_rows_backward(const ExclusiveAttention& in, int64_t begin, int64_t end,
                                       const float* z_grad, float* y_grad, float* v_grad) {
  const int64_t group = in.heads / in.kv_heads, K = in.head_dim;
  for (int64_t row = begin * in.kv_heads; row < end * in.kv_heads; ++row) {
    const float* v = in.v + row * K;
    const float inverse = inverse_norm_of(v, K);
    float* u_grad = v_grad + row * K;
    std::fill_n(u_grad, K, 0.0F);
    for (int64_t head = row * group; head < (row + 1) * group; ++head) {
      const float* y = in.y + head * K;
      const float* e = z_grad + head * K;
      const float y_along = dot(y, v, K) * inverse, e_along = dot(e, v, K) * inverse;
      for (int64_t i = 0; i < K; ++i) y_grad[head * K + i] = e[i] - e_along * inverse * v[i];
      for (int64_t i = 0; i < K; ++i) u_grad[i] -= y_along * e[i] + e_along * y[i];
    }
    const bool is_held = inverse >= 1.0F / kSmallestNorm;
    const float along = is_held ? 0.0F : dot(u_grad, v, K) * inverse * inverse;
    for (int64_t i = 0; i < K; ++i) u_grad[i] = (u_grad[i] - along * v[i]) * inverse;
  }
}

GOLF_INLINE void scale_range(int64_t width, int64_t begin, int64_t end, const float* y, const float* gate,
                             float* out) {
  for (int64_t head = begin; head < end; ++head) {
    for (int64_t i = head * width; i < (head + 1) * width; ++i) out[i] = gate[head] * y[i];
  }
}

GOLF_INLINE void scale_range_backward(int64_t width, int64_t begin, int64_t end, const float* y,
                                      const float* gate, const float* out_grad, float* y_grad,
                                      float* gate_grad) {
  scale_range(width, begin, end, out_grad, gate, y_grad);
  for (int64_t head = begin; head < end; ++head) {
    gate_grad[head] = dot(out_grad + head * width, y + head * width, width);
  }
}

}  // namespace

void exclusive_attention(const ExclusiveAttention& in, float* z, int threads) {
  for_blocks(in.rows, kPositionsPerBlock, threads,
             [&](int64_t begin, int64_t end) { run<exclude_rows>(in, begin, end, z); });
}

void exclusive_attention_backward(const ExclusiveAttention& in, const float* z_grad, float* y_grad,
                                  float* v_grad, int threads) {
  for_blocks(in.rows, kPositionsPerBlock, threads, [&](int64_t begin, int64_t end) {
    run<exclude_rows_backward>(in, begin, end, z_grad, y_grad, v_grad);
  });
}

void scale_heads(int64_t heads, int64_t width, const float* y, const float* gate, float* out, int threads) {
  for_blocks(heads, kHeadsPerBlock, threads,
             [&](int64_t begin, int64_t end) { run<scale_range>(width, begin, end, y, gate, out); });
}

void scale_heads_backward(int64_t heads, int64_t width, const float* y, const float* gate,
                          const float* out_grad, float* y_grad, float* gate_grad, int threads) {
  for_blocks(heads, kHeadsPerBlock, threads, [&](int64_t begin, int64_t end) {
    run<scale_range_backward>(width, begin, end, y, gate, out_grad, y_grad, gate_grad);
  });
}

}  // namespace golf::kernels
