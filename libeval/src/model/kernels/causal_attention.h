#pragma once

#include <cstdint>

namespace golf::kernels {

/// C [m, n] = A [m, k] · B [k, n], added to C when `accumulate`; row-major with the given distances of rows.
using BlockGemm = void (*)(int64_t m, int64_t n, int64_t k, const float* a, int64_t a_row, const float* b,
                           int64_t b_row, float* c, int64_t c_row, bool accumulate);

/// softmax(q · kᵀ / √head_dim, masked to the past) · v for every head; query head h reads key/value head
/// h / (heads / kv_heads).
struct CausalAttention {
  int64_t batch, length, heads, kv_heads, head_dim;
  const float* q;  ///< [batch, length, heads, head_dim]
  const float* k;  ///< [batch, length, kv_heads, head_dim]
  const float* v;  ///< as k
  BlockGemm gemm;  ///< multiplies blocks of up to 64 × 64; called from several threads
};

/// y as q; log_sums [batch, heads, length]: the log of each query's softmax denominator.
/// Scratch: 64 · length floats a thread and a copy of k.
void causal_attention(const CausalAttention& in, float* y, float* log_sums, int threads);

/// Gradients of q, k and v, each in the layout of its input.
void causal_attention_backward(const CausalAttention& in, const float* y, const float* log_sums,
                               const float* y_grad, float* q_grad, float* k_grad, float* v_grad, int threads);

}  // namespace golf::kernels
