// What is computed head by head: norm, rotation and gain of queries and keys, and what follows attention. A
// warp has several heads in its registers, all of them loaded before the first is used: one head is too
// little to keep the memory busy.

namespace golf::cuda {

constexpr int kHeadsPerWarp = 4;

/// What a thread needs to rotate its components of a head.
template <int kSlots>
struct Rotation {
  /// @param direction  1 turns by −θ as the model does, −1 back
  __device__ Rotation(const QkNormRotaryArgs& in, long long row, float direction) {
    const int lane = threadIdx.x % kWarp;
    const long long angles = row % in.length * in.pairs;
#pragma unroll
    for (int s = 0; s < kSlots; ++s) {
      const int i = lane + s * kWarp;
      const bool is_first = i < in.pairs, is_second = !is_first && i < 2 * in.pairs;
      partner[s] = is_first ? i + in.pairs : is_second ? i - in.pairs : i;
      cos[s] = 1;
      sin[s] = 0;
      if (is_first || is_second) {
        const long long angle = angles + (is_first ? i : i - in.pairs);
        cos[s] = in.cos[angle];
        sin[s] = is_first ? direction * in.sin[angle] : -direction * in.sin[angle];
      }
    }
  }
  __device__ void turn(const float (&head)[kSlots], float (&turned)[kSlots]) const {
#pragma unroll
    for (int s = 0; s < kSlots; ++s) {
      turned[s] = head[s] * cos[s] + component<kSlots>(head, partner[s]) * sin[s];
    }
  }
  int partner[kSlots];  ///< below 32 · kSlots
  float cos[kSlots], sin[kSlots];
};

__device__ inline long long first_head_of_warp() {
  return (static_cast<long long>(blockIdx.x) * kWarpsPerBlock + threadIdx.x / kWarp) * kHeadsPerWarp;
}

template <int kSlots, class T>
__global__ void __launch_bounds__(kWarpsPerBlock* kWarp) qk_norm_rotary(QkNormRotaryArgs in) {
  const long long first = first_head_of_warp();
  float x[kHeadsPerWarp][kSlots];
#pragma unroll
  for (int j = 0; j < kHeadsPerWarp; ++j) {
    const long long head = first + j;
    load_head(static_cast<const T*>(in.x) + head * in.head_dim, in.head_dim, head < in.heads_in_all, x[j]);
  }
#pragma unroll
  for (int j = 0; j < kHeadsPerWarp; ++j) {
    const long long head = first + j;
    if (head >= in.heads_in_all) return;  // a whole warp
    const float inverse =
        1.0F / sqrtf(dot<kSlots>(x[j], x[j]) / static_cast<float>(in.head_dim) + kRmsEpsilon);
    const float scale = in.gain == nullptr ? inverse : inverse * in.gain[head % in.heads];
    float turned[kSlots];
    Rotation<kSlots>(in, head / in.heads, 1).turn(x[j], turned);
#pragma unroll
    for (int s = 0; s < kSlots; ++s) turned[s] *= scale;
    store_head(static_cast<T*>(in.out) + head * in.head_dim, in.head_dim, turned);
  }
}

/// With n = x · inverse the normed head and u the gradient turned back by +θ: the head adds Σ u ⊙ n to the
/// gradient of its gain, and x_grad = gain · inverse · (u − n · mean(u ⊙ n)).
template <int kSlots, class T>
__global__ void __launch_bounds__(kWarpsPerBlock* kWarp) qk_norm_rotary_grad(QkNormRotaryArgs in) {
  const long long first = first_head_of_warp();
  float x[kHeadsPerWarp][kSlots], y_grad[kHeadsPerWarp][kSlots];
#pragma unroll
  for (int j = 0; j < kHeadsPerWarp; ++j) {
    const long long at = (first + j) * in.head_dim;
    const bool is_there = first + j < in.heads_in_all;
    load_head(static_cast<const T*>(in.x) + at, in.head_dim, is_there, x[j]);
    load_head(static_cast<const T*>(in.y_grad) + at, in.head_dim, is_there, y_grad[j]);
  }
#pragma unroll
  for (int j = 0; j < kHeadsPerWarp; ++j) {
    const long long head = first + j;
    if (head >= in.heads_in_all) return;
    const float width = static_cast<float>(in.head_dim);
    const float inverse = 1.0F / sqrtf(dot<kSlots>(x[j], x[j]) / width + kRmsEpsilon);
    float u[kSlots];
    Rotation<kSlots>(in, head / in.heads, -1).turn(y_grad[j], u);
    const float similarity = dot<kSlots>(u, x[j]) * inverse;
    const float scale = in.gain == nullptr ? inverse : inverse * in.gain[head % in.heads];
    const float slope = scale * similarity * inverse / width;
#pragma unroll
    for (int s = 0; s < kSlots; ++s) u[s] = u[s] * scale - x[j][s] * slope;
    store_head(static_cast<T*>(in.out) + head * in.head_dim, in.head_dim, u);
    if (in.similarities != nullptr && threadIdx.x % kWarp == 0) in.similarities[head] = similarity;
  }
}

/// 1 / max(‖v‖, 1e-12), or 0 without v, with which nothing is taken away.
template <int kSlots>
__device__ inline float inverse_norm(const FinishHeadsArgs& in, const float (&v)[kSlots]) {
  if (in.v == nullptr) return 0;
  return 1.0F / fmaxf(sqrtf(dot<kSlots>(v, v)), kSmallestNorm);
}

/// A warp has one key/value head and, four at a time, the query heads that share it.
template <int kSlots, class T>
__global__ void __launch_bounds__(kWarpsPerBlock* kWarp) finish_heads(FinishHeadsArgs in) {
  const long long kv_head = static_cast<long long>(blockIdx.x) * kWarpsPerBlock + threadIdx.x / kWarp;
  if (kv_head >= in.kv_heads_in_all) return;  // a whole warp
  const T* y = static_cast<const T*>(in.y) + kv_head * in.group * in.head_dim;
  T* z = static_cast<T*>(in.out) + kv_head * in.group * in.head_dim;
  float v[kSlots];
  load_head(static_cast<const T*>(in.v) + kv_head * in.head_dim, in.head_dim, in.v != nullptr, v);
  for (int first = 0; first < in.group; first += kHeadsPerWarp) {
    float heads[kHeadsPerWarp][kSlots];
#pragma unroll
    for (int j = 0; j < kHeadsPerWarp; ++j) {
      load_head(y + static_cast<long long>(first + j) * in.head_dim, in.head_dim, first + j < in.group,
                heads[j]);
    }
    const float inverse = inverse_norm<kSlots>(in, v);
#pragma unroll
    for (int j = 0; j < kHeadsPerWarp; ++j) {
      if (first + j >= in.group) break;
      const float along = in.v == nullptr ? 0.0F : dot<kSlots>(heads[j], v) * inverse * inverse;
      const float gate = in.gate == nullptr ? 1.0F : in.gate[kv_head * in.group + first + j];
#pragma unroll
      for (int s = 0; s < kSlots; ++s) heads[j][s] = gate * (heads[j][s] - along * v[s]);
      store_head(z + static_cast<long long>(first + j) * in.head_dim, in.head_dim, heads[j]);
    }
  }
}

/// With e = gate · z_grad: y_grad = e − (e · u) u, and u gets −((y · u) e + (e · u) y) from each head. Of
/// that, v gets the part across u, divided by ‖v‖; all of it where the norm is held at 1e-12. gate_grad =
/// z_grad · (y − (y · u) u).
template <int kSlots, class T>
__global__ void __launch_bounds__(kWarpsPerBlock* kWarp) finish_heads_grad(FinishHeadsArgs in) {
  const long long kv_head = static_cast<long long>(blockIdx.x) * kWarpsPerBlock + threadIdx.x / kWarp;
  if (kv_head >= in.kv_heads_in_all) return;
  const long long heads_at = kv_head * in.group * in.head_dim;
  float v[kSlots], u_grad[kSlots] = {};
  load_head(static_cast<const T*>(in.v) + kv_head * in.head_dim, in.head_dim, in.v != nullptr, v);
  for (int first = 0; first < in.group; first += kHeadsPerWarp) {
    float y[kHeadsPerWarp][kSlots], e[kHeadsPerWarp][kSlots];
#pragma unroll
    for (int j = 0; j < kHeadsPerWarp; ++j) {
      const long long at = heads_at + static_cast<long long>(first + j) * in.head_dim;
      load_head(static_cast<const T*>(in.y) + at, in.head_dim, first + j < in.group, y[j]);
      load_head(static_cast<const T*>(in.z_grad) + at, in.head_dim, first + j < in.group, e[j]);
    }
    const float inverse = inverse_norm<kSlots>(in, v);
#pragma unroll
    for (int j = 0; j < kHeadsPerWarp; ++j) {
      if (first + j >= in.group) break;
      const long long head = kv_head * in.group + first + j;
      float y_along = 0, e_along = 0;  // components along u
      if (in.v != nullptr) {
        y_along = dot<kSlots>(y[j], v) * inverse;
        e_along = dot<kSlots>(e[j], v) * inverse;
      }
      if (in.gate != nullptr) {
        const float gate_grad = dot<kSlots>(e[j], y[j]) - y_along * e_along;
        if (threadIdx.x % kWarp == 0) in.gate_grad[head] = gate_grad;
        const float gate = in.gate[head];
        e_along *= gate;
#pragma unroll
        for (int s = 0; s < kSlots; ++s) e[j][s] *= gate;
      }
#pragma unroll
      for (int s = 0; s < kSlots; ++s) {
        u_grad[s] -= y_along * e[j][s] + e_along * y[j][s];
        e[j][s] -= e_along * inverse * v[s];
      }
      store_head(static_cast<T*>(in.out) + head * in.head_dim, in.head_dim, e[j]);
    }
  }
  if (in.v == nullptr) return;
  const float inverse = inverse_norm<kSlots>(in, v);
  const bool is_held = inverse >= 1.0F / kSmallestNorm;
  const float along = is_held ? 0.0F : dot<kSlots>(u_grad, v) * inverse * inverse;
#pragma unroll
  for (int s = 0; s < kSlots; ++s) u_grad[s] = (u_grad[s] - along * v[s]) * inverse;
  store_head(static_cast<T*>(in.v_grad) + kv_head * in.head_dim, in.head_dim, u_grad);
}

}  // namespace golf::cuda
