#pragma once

// Loops over plain arrays that compute what the model needs between its matrix products, and attention. They
// never see LibTorch. Each is compiled for several instruction sets and gives the same bits with all of them.

#include <cstdint>
#include <limits>

namespace golf {

/// The ε of every root mean square: float32's machine epsilon whatever the dtype, which torch's rms_norm
/// takes when it is given none. Source: docs/SUBMISSIONS.md, upstream reference, Model.
inline constexpr float kRmsEpsilon = std::numeric_limits<float>::epsilon();

}  // namespace golf

namespace golf::kernels {

// `threads` is the most that a kernel may use; no result depends on it.

/// The residual stream's update: stream = a ⊙ x + b ⊙ y in every row; a null `a` stands for ones.
struct WeightedSum {
  int64_t rows, width;
  float norm_scale;  ///< multiplies the norm
  const float* a;    ///< [width] or null
  const float* x;    ///< [rows, width]
  const float* b;    ///< [width]
  const float* y;    ///< [rows, width]
};

/// `normed` and `inverse_rms` may both be null; else normed = norm_scale · stream · inverse_rms with one
/// inverse a row.
void weighted_sum(const WeightedSum& in, float* stream, float* normed, float* inverse_rms, int threads);

struct WeightedSumGradients {
  const float* stream_grad;  ///< [rows, width] or null: of the stream
  const float* normed_grad;  ///< [rows, width] or null: of the norm; needs `stream` and `inverse_rms`
  const float* stream;
  const float* inverse_rms;
  float* x_grad;  ///< [rows, width]
  float* y_grad;  ///< [rows, width]
  float* a_grad;  ///< [width], or null when `a` is or when nobody asks
  float* b_grad;  ///< [width], or null when nobody asks
};
/// Channel sums are taken over blocks of rows in float32 and over blocks in float64, in an order that does
/// not depend on the number of threads.
void weighted_sum_backward(const WeightedSum& in, const WeightedSumGradients& out, int threads);

/// scale · x / √(mean(x²) + ε) in every row.
void rms_norm(int64_t rows, int64_t width, float scale, const float* x, float* normed, float* inverse_rms,
              int threads);
void rms_norm_backward(int64_t rows, int64_t width, float scale, const float* x, const float* inverse_rms,
                       const float* normed_grad, float* x_grad, int threads);

/// a(x)² with a(x) = x where x ≥ 0 and slope · x elsewhere, and its gradient 2 · a(x) · a′(x) · grad.
void leaky_relu_squared(int64_t count, float slope, const float* x, float* y, int threads);
void leaky_relu_squared_backward(int64_t count, float slope, const float* x, const float* y_grad,
                                 float* x_grad, int threads);

/// Heads that are normed (rms), rotated by −θ(position) in their first 2·pairs components, and multiplied by
/// one gain a head.
struct QkNormRotary {
  int64_t rows, length, heads, head_dim,
      pairs;         ///< row r stands at position r mod length; 2·pairs ≤ head_dim
  const float* cos;  ///< [length, pairs]
  const float* sin;
  const float* gain;  ///< [heads], or null for ones
  const float* x;     ///< [rows, heads, head_dim]
};

void qk_norm_rotary(const QkNormRotary& in, float* y, int threads);
/// gain_grad [heads] is null when gain is; it is summed in float64.
void qk_norm_rotary_backward(const QkNormRotary& in, const float* y_grad, float* x_grad, float* gain_grad,
                             int threads);

/// What each query head attended to, less its component along the position's own value:
/// z = y − (y · u) u with u = v / max(‖v‖, 1e-12). Query head h reads key/value head
/// h / (heads / kv_heads).
struct ExclusiveAttention {
  int64_t rows, heads, kv_heads, head_dim;
  const float* y;  ///< [rows, heads, head_dim]
  const float* v;  ///< [rows, kv_heads, head_dim]
};
void exclusive_attention(const ExclusiveAttention& in, float* z, int threads);
void exclusive_attention_backward(const ExclusiveAttention& in, const float* z_grad, float* y_grad,
                                  float* v_grad, int threads);

/// out = gate ⊙ y with one gate for each of `heads` rows of `width` numbers.
void scale_heads(int64_t heads, int64_t width, const float* y, const float* gate, float* out, int threads);
/// y_grad = gate ⊙ out_grad, gate_grad = Σ out_grad ⊙ y over a head.
void scale_heads_backward(int64_t heads, int64_t width, const float* y, const float* gate,
                          const float* out_grad, float* y_grad, float* gate_grad, int threads);

/// C [m, n] = A [m, k] · B [k, n] in float32, added to C when `accumulate`; row-major with the given
/// distances of rows. Made for blocks of up to 64 × 64 from caches. In the calling thread.
void block_product(int64_t m, int64_t n, int64_t k, const float* a, int64_t a_row, const float* b,
                   int64_t b_row, float* c, int64_t c_row, bool accumulate);
using BlockGemm = void (*)(int64_t m, int64_t n, int64_t k, const float* a, int64_t a_row, const float* b,
                           int64_t b_row, float* c, int64_t c_row, bool accumulate);

/// softmax(q · kᵀ / √head_dim, masked to the past) · v for every head; query head h reads key/value head
/// h / (heads / kv_heads).
struct CausalAttention {
  int64_t batch, length;
  int64_t queries;  ///< of the last positions; all of them for a gradient
  int64_t window;   ///< keys that a query sees, its own the last; 0: all, as for a gradient
  int64_t heads, kv_heads, head_dim;
  const float* q;  ///< [batch, queries, heads, head_dim]
  const float* k;  ///< [batch, length, kv_heads, head_dim]
  const float* v;  ///< as k
  BlockGemm gemm;  ///< multiplies blocks of up to 64 × 64; called from several threads
};

/// y as q; log_sums [batch, heads, queries]: the log of each query's softmax denominator.
/// Scratch: 64 floats for each key that a query can see, in each thread, and a copy of k.
void causal_attention(const CausalAttention& in, float* y, float* log_sums, int threads);

/// Gradients of q, k and v, each in the layout of its input.
void causal_attention_backward(const CausalAttention& in, const float* y, const float* log_sums,
                               const float* y_grad, float* q_grad, float* k_grad, float* v_grad, int threads);

/// Rows of scores whose logits are cap · tanh(score / cap), each with a target class.
struct SoftcapRows {
  int64_t rows, classes;
  double cap;
  const float* scores;     ///< [rows, classes]
  const int64_t* targets;  ///< [rows], each in [0, classes)
};

/// nll[r] = −ln softmax(logits of row r)[target]; entropy [rows] may be null. In nats.
void softcap_nll(const SoftcapRows& in, float* nll, float* entropy, int threads);
/// Also the gradient of each row's nll with respect to its scores, [rows, classes].
void softcap_nll_with_gradient(const SoftcapRows& in, float* nll, float* scores_grad, int threads);

/// One update of a tensor by AdamW, in place:
///   mean ← β₁·mean + (1 − β₁)·g, square ← β₂·square + (1 − β₂)·g²
///   p ← (1 − lr·decay)·p − lr·(mean / (1 − β₁ᵗ)) / (√(square / (1 − β₂ᵗ)) + ε)
/// A null `mean` stands for the gradient, as with β₁ = 0.
struct AdamW {
  int64_t count;
  double lr, weight_decay, beta1, beta2, eps;
  double unbiased_mean, unbiased_square;  ///< 1 − β₁ᵗ and 1 − β₂ᵗ
  const float* gradient;
  float* mean;
  float* square;
  float* parameter;
};
/// In the calling thread. @return the sum of the gradient's squares
double adamw(const AdamW& in);

}  // namespace golf::kernels
