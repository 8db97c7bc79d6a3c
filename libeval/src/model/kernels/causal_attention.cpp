// Attention by blocks of 64 queries and 64 keys, so that no length × length matrix is ever whole in memory.
//
// The backward pass works on transposed blocks (keys down, queries across). Then the per-query statistics lie
// along the vector lanes, and of the five products per block only operands that are packed once per head (qᵀ,
// y_gradᵀ, kᵀ) are needed in transposed form:
//   sᵀ = k·qᵀ   dpᵀ = v·dyᵀ   p = e^(s·scale − log_sum)   ds = p ⊙ (dp − Σ dy ⊙ y)·scale
//   dv += pᵀ·dy   dk += dsᵀ·q   dqᵀ += kᵀ·dsᵀ
#include <algorithm>
#include <cmath>
#include <vector>

#include "model/kernels/kernels.h"
#include "model/kernels/simd.h"

namespace golf::kernels {
namespace {

constexpr int64_t kBlock = 64;

int64_t rounded_up(int64_t n) { return (n + kBlock - 1) / kBlock * kBlock; }
/// Row distance for matrices with `length` columns: a multiple of the vector length, and never a power of
/// two, which would map a whole column to one cache set.
int64_t padded_row(int64_t length) { return rounded_up(length) + kLanes; }

/// out [columns, out_row] = transpose of in [rows, columns] with rows in_row apart; the padding stays as it
/// is.
GOLF_INLINE void transpose(const float* in, int64_t in_row, int64_t rows, int64_t columns, float* out,
                           int64_t out_row) {
  for (int64_t r0 = 0; r0 < rows; r0 += kLanes) {
    const int64_t r1 = std::min(rows, r0 + kLanes);
    for (int64_t c = 0; c < columns; ++c) {
      for (int64_t r = r0; r < r1; ++r) out[c * out_row + r] = in[r * in_row + c];
    }
  }
}

/// Turns the scores of queries whose own keys are first, first + 1 … into unnormalized weights
/// e^(scale·(s − largest)), zero for keys after the query and for those that its window has left, in place.
/// Writes 1/Σ and the log of the denominator.
GOLF_INLINE void softmax_rows(float* scores, int64_t row_distance, int64_t first, int64_t rows,
                              int64_t window, float scale, float* inverse_sums, float* log_sums) {
  const int64_t width = rounded_up(first + rows);
  for (int64_t m = 0; m < rows; ++m) {
    float* s = scores + m * row_distance;
    const int64_t keys = first + m + 1, left = std::max<int64_t>(keys - window, 0);
    std::fill(s, s + left, -INFINITY);
    // What lies behind the query's own key was computed in vain, or never: below everything, and then zero.
    std::fill(s + keys, s + width, -INFINITY);
    Floats largest = load(s);
    for (int64_t n = kLanes; n < keys; n += kLanes) largest = max(largest, load(s + n));
    const float top = max_lane(largest);
    Floats total{};
    int64_t n = 0;
    for (; n + kLanes <= keys; n += kLanes) {
      const Floats w = exp((load(s + n) - top) * scale);
      total += w;
      store(s + n, w);
    }
    if (n < keys) {
      const Floats w = exp((load_some(s + n, keys - n, top) - top) * scale);
      for (int64_t i = 0; i < keys - n; ++i) total[i] += w[i];
      store_some(s + n, w, keys - n);
    }
    std::fill(s + keys, s + width, 0.0F);
    std::fill(s, s + left, 0.0F);
    const float denominator = sum(total);
    inverse_sums[m] = 1.0F / denominator;
    log_sums[m] = top * scale + std::log(denominator);
  }
}

GOLF_INLINE void scale_rows(float* y, int64_t row_distance, int64_t rows, int64_t width,
                            const float* factors) {
  for (int64_t m = 0; m < rows; ++m) {
    for (int64_t i = 0; i < width; ++i) y[m * row_distance + i] *= factors[m];
  }
}

/// deltas[t] = Σ y ⊙ y_grad of one head's row t.
GOLF_INLINE void row_dots(const float* y, const float* y_grad, int64_t row_distance, int64_t rows,
                          int64_t width, float* deltas) {
  for (int64_t t = 0; t < rows; ++t) deltas[t] = dot(y + t * row_distance, y_grad + t * row_distance, width);
}

/// On one transposed block [keys, 64]: scores → weights p, and the gradient of the weights → that of the
/// scores. With `diagonal` the block's first key and query are the same position.
GOLF_INLINE void weights_and_gradient(float* scores, float* weight_grads, int64_t keys, bool diagonal,
                                      float scale, const float* log_sums, const float* deltas) {
  for (int64_t n = 0; n < keys; ++n) {
    float* s = scores + n * kBlock;
    float* g = weight_grads + n * kBlock;
    for (int64_t m = 0; m < kBlock; m += kLanes) {
      const Floats p = exp(load(s + m) * scale - load(log_sums + m));
      store(s + m, p);
      store(g + m, p * (load(g + m) - load(deltas + m)) * scale);
    }
    if (diagonal) {  // queries before this key
      std::fill(s, s + n, 0.0F);
      std::fill(g, g + n, 0.0F);
    }
  }
}

/// kᵀ of every key head: [batch, kv_heads, head_dim, row].
std::vector<float> transposed_keys(const CausalAttention& in, int64_t row, int threads) {
  std::vector<float> result(static_cast<size_t>(in.batch * in.kv_heads * in.head_dim * row));
#pragma omp parallel for num_threads(threads)
  for (int64_t task = 0; task < in.batch * in.kv_heads; ++task) {
    const int64_t b = task / in.kv_heads, g = task % in.kv_heads;
    run<transpose>(in.k + (b * in.length * in.kv_heads + g) * in.head_dim, in.kv_heads * in.head_dim,
                   in.length, in.head_dim, result.data() + task * in.head_dim * row, row);
  }
  return result;
}

}  // namespace

void causal_attention(const CausalAttention& in, float* y, float* log_sums, int threads) {
  const int64_t K = in.head_dim, q_row = in.heads * K, kv_row = in.kv_heads * K;
  const int64_t row = padded_row(in.length), blocks = rounded_up(in.queries) / kBlock;
  const int64_t before = in.length - in.queries;  // positions without a query
  const int64_t window = in.window > 0 ? std::min(in.window, in.length) : in.length;
  const int64_t seen = padded_row(std::min(in.length, window + 2 * kBlock));
  const auto scale = static_cast<float>(1.0 / std::sqrt(static_cast<double>(K)));
  const std::vector<float> keys_transposed = transposed_keys(in, row, threads);
#pragma omp parallel num_threads(threads)
  {
    std::vector<float> scores(static_cast<size_t>(kBlock * seen)), inverse_sums(kBlock);
#pragma omp for schedule(dynamic)
    for (int64_t task = 0; task < in.batch * in.heads * blocks; ++task) {
      const int64_t first = (blocks - 1 - task % blocks) * kBlock;  // longest first
      const int64_t head = task / blocks % in.heads, b = task / blocks / in.heads;
      const int64_t group = head / (in.heads / in.kv_heads);
      const int64_t rows = std::min(kBlock, in.queries - first);
      const int64_t at = (b * in.queries + first) * q_row + head * K;
      // Keys are counted from the first block of 64 that one of these queries sees.
      const int64_t from = std::max<int64_t>(before + first - window + 1, 0) / kBlock * kBlock;
      const int64_t own = before + first - from, end = own + rows;
      const float* keys = keys_transposed.data() + (b * in.kv_heads + group) * K * row + from;
      const float* values = in.v + (b * in.length + from) * kv_row + group * K;
      for (int64_t n = 0; n < end; n += kBlock) {
        in.gemm(rows, std::min(kBlock, end - n), K, in.q + at, q_row, keys + n, row, scores.data() + n, seen,
                false);
      }
      run<softmax_rows>(scores.data(), seen, own, rows, window, scale, inverse_sums.data(),
                        log_sums + (b * in.heads + head) * in.queries + first);
      for (int64_t n = 0; n < end; n += kBlock) {
        in.gemm(rows, K, std::min(kBlock, end - n), scores.data() + n, seen, values + n * kv_row, kv_row,
                y + at, q_row, n > 0);
      }
      run<scale_rows>(y + at, q_row, rows, K, inverse_sums.data());
    }
  }
}

void causal_attention_backward(const CausalAttention& in, const float* y, const float* log_sums,
                               const float* y_grad, float* q_grad, float* k_grad, float* v_grad,
                               int threads) {
  const int64_t T = in.length, K = in.head_dim, q_row = in.heads * K, kv_row = in.kv_heads * K;
  const int64_t row = padded_row(T), group_size = in.heads / in.kv_heads;
  const auto scale = static_cast<float>(1.0 / std::sqrt(static_cast<double>(K)));
  const std::vector<float> keys_transposed = transposed_keys(in, row, threads);
#pragma omp parallel num_threads(threads)
  {
    std::vector<float> q_t(static_cast<size_t>(K * row)), y_grad_t(q_t), q_grad_t(q_t);
    std::vector<float> deltas(static_cast<size_t>(row)), sums(deltas), scores(kBlock * kBlock), grads(scores);
    // A task owns one key/value head of one sequence, so its sums need no lock.
#pragma omp for schedule(dynamic)
    for (int64_t task = 0; task < in.batch * in.kv_heads; ++task) {
      const int64_t b = task / in.kv_heads, group = task % in.kv_heads;
      const int64_t kv_at = b * T * kv_row + group * K;
      const float* keys_t = keys_transposed.data() + task * K * row;
      for (int64_t head = group * group_size; head < (group + 1) * group_size; ++head) {
        const int64_t q_at = b * T * q_row + head * K;
        run<transpose>(in.q + q_at, q_row, T, K, q_t.data(), row);
        run<transpose>(y_grad + q_at, q_row, T, K, y_grad_t.data(), row);
        run<row_dots>(y + q_at, y_grad + q_at, q_row, T, K, deltas.data());
        std::copy_n(log_sums + (b * in.heads + head) * T, T, sums.begin());
        for (int64_t n = 0; n < T; n += kBlock) {
          const int64_t keys = std::min(kBlock, T - n), block_at = kv_at + n * kv_row;
          for (int64_t m = n; m < T; m += kBlock) {
            const int64_t queries = std::min(kBlock, T - m), rows_at = q_at + m * q_row;
            const bool adds = head % group_size > 0 || m > n;
            in.gemm(keys, queries, K, in.k + block_at, kv_row, q_t.data() + m, row, scores.data(), kBlock,
                    false);
            in.gemm(keys, queries, K, in.v + block_at, kv_row, y_grad_t.data() + m, row, grads.data(), kBlock,
                    false);
            run<weights_and_gradient>(scores.data(), grads.data(), keys, m == n, scale, sums.data() + m,
                                      deltas.data() + m);
            in.gemm(keys, K, queries, scores.data(), kBlock, y_grad + rows_at, q_row, v_grad + block_at,
                    kv_row, adds);
            in.gemm(keys, K, queries, grads.data(), kBlock, in.q + rows_at, q_row, k_grad + block_at, kv_row,
                    adds);
            in.gemm(K, queries, keys, keys_t + n, row, grads.data(), kBlock, q_grad_t.data() + m, row, n > 0);
          }
        }
        run<transpose>(q_grad_t.data(), row, K, T, q_grad + q_at, q_row);
      }
    }
  }
}

}  // namespace golf::kernels
