// What the kernels share: bfloat16, rows of four elements a thread, sums over a warp. Compiled by NVRTC,
// which brings no headers, and by the host's compiler for the tests (tests/support/simt.h stands in for
// CUDA's names).

namespace golf::cuda {

constexpr int kWarp = 32;
constexpr int kWarpsPerBlock = 8;  ///< of every kernel: blocks of 256 threads
constexpr unsigned kAllLanes = 0xffffffffU;
constexpr float kRmsEpsilon = 1.1920928955078125e-7F;  ///< float32's machine epsilon
constexpr float kSmallestNorm = 1e-12F;

__device__ inline float as_float(bf16 x) { return __uint_as_float(static_cast<unsigned>(x.bits) << 16); }
__device__ inline float as_float(float x) { return x; }

/// Rounds to the nearest, ties to even, as torch does.
__device__ inline void assign(bf16& to, float x) {
  const unsigned bits = __float_as_uint(x);
  to.bits = x != x ? 0x7fc0 : static_cast<unsigned short>((bits + 0x7fffU + ((bits >> 16) & 1U)) >> 16);
}
__device__ inline void assign(float& to, float x) { to = x; }

/// Four elements that one instruction moves.
template <class T>
struct alignas(4 * sizeof(T)) Quad {
  T element[4];
};

/// Elements first to first + 3 of a row; 0 beyond its width.
template <class T>
__device__ inline void load_quad(const T* row, int first, int width, float (&to)[4]) {
  if (width % 4 == 0) {
    if (first < width) {
      const Quad<T> quad = *reinterpret_cast<const Quad<T>*>(row + first);
      for (int i = 0; i < 4; ++i) to[i] = as_float(quad.element[i]);
    } else {
      for (int i = 0; i < 4; ++i) to[i] = 0;
    }
  } else {
    for (int i = 0; i < 4; ++i) to[i] = first + i < width ? as_float(row[first + i]) : 0.0F;
  }
}

template <class T>
__device__ inline void store_quad(T* row, int first, int width, const float (&from)[4]) {
  if (width % 4 == 0) {
    if (first >= width) return;
    Quad<T> quad;
    for (int i = 0; i < 4; ++i) assign(quad.element[i], from[i]);
    *reinterpret_cast<Quad<T>*>(row + first) = quad;
  } else {
    for (int i = 0; i < 4; ++i) {
      if (first + i < width) assign(row[first + i], from[i]);
    }
  }
}

/// The sum over the warp's threads, the same bits in each of them.
__device__ inline float warp_sum(float x) {
  for (int distance = kWarp / 2; distance > 0; distance /= 2) {
    x += __shfl_xor_sync(kAllLanes, x, distance);
  }
  return x;
}

/// A head in registers: component i is in slot i / 32 of thread i mod 32 of a warp.
template <int kSlots, class T>
__device__ inline void load_head(const T* head, int head_dim, bool is_there, float (&to)[kSlots]) {
  const int lane = threadIdx.x % kWarp;
#pragma unroll
  for (int s = 0; s < kSlots; ++s) {
    const int i = lane + s * kWarp;
    to[s] = is_there && i < head_dim ? as_float(head[i]) : 0.0F;
  }
}

template <int kSlots, class T>
__device__ inline void store_head(T* head, int head_dim, const float (&from)[kSlots]) {
  const int lane = threadIdx.x % kWarp;
#pragma unroll
  for (int s = 0; s < kSlots; ++s) {
    const int i = lane + s * kWarp;
    if (i < head_dim) assign(head[i], from[s]);
  }
}

template <int kSlots>
__device__ inline float dot(const float (&a)[kSlots], const float (&b)[kSlots]) {
  float sum = 0;
#pragma unroll
  for (int s = 0; s < kSlots; ++s) sum += a[s] * b[s];
  return warp_sum(sum);
}

/// Component `index` of a head; each thread may ask for another. All threads of the warp take part.
template <int kSlots>
__device__ inline float component(const float (&head)[kSlots], int index) {
  float found = 0;
#pragma unroll
  for (int s = 0; s < kSlots; ++s) {
    const float candidate = __shfl_sync(kAllLanes, head[s], index % kWarp);
    if (s == index / kWarp) found = candidate;
  }
  return found;
}

}  // namespace golf::cuda
