#pragma once

// Vectors of 16 floats in the compilers' own vector extension, and the functions of them that the kernels
// need. A kernel is a GOLF_INLINE function, written once; run<kernel>(arguments...) calls it as compiled for
// the instruction set of the path in use. As lanes are fixed and products are never fused with sums, each
// gives the same bits.

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "golf/model/cpu_path.h"

#define GOLF_INLINE inline __attribute__((always_inline))

namespace golf::kernels {

inline constexpr int64_t kLanes = 16;
using Floats = float __attribute__((vector_size(kLanes * sizeof(float))));
using Ints = int32_t __attribute__((vector_size(kLanes * sizeof(int32_t))));

GOLF_INLINE Floats load(const float* p) {
  Floats v;
  std::memcpy(&v, p, sizeof(v));
  return v;
}
GOLF_INLINE void store(float* p, Floats v) { std::memcpy(p, &v, sizeof(v)); }
GOLF_INLINE Floats splat(float x) { return x - Floats{}; }
GOLF_INLINE Floats max(Floats a, Floats b) { return a > b ? a : b; }
/// NaN stays NaN.
GOLF_INLINE Floats clamp(Floats x, float low, float high) {
  x = x < low ? splat(low) : x;
  return x > high ? splat(high) : x;
}

/// The first `count` < 16 floats at p, the other lanes `filler`.
GOLF_INLINE Floats load_some(const float* p, int64_t count, float filler) {
  Floats v = splat(filler);
  for (int64_t i = 0; i < count; ++i) v[i] = p[i];
  return v;
}
GOLF_INLINE void store_some(float* p, Floats v, int64_t count) {
  for (int64_t i = 0; i < count; ++i) p[i] = v[i];
}

/// Lanes added pairwise, always in the same order.
GOLF_INLINE float sum(Floats v) {
  float s[kLanes];
  store(s, v);
  for (int64_t half = kLanes / 2; half > 0; half /= 2) {
    for (int64_t i = 0; i < half; ++i) s[i] += s[i + half];
  }
  return s[0];
}
GOLF_INLINE float max_lane(Floats v) {
  float m = v[0];
  for (int64_t i = 1; i < kLanes; ++i) m = v[i] > m ? v[i] : m;
  return m;
}

/// Σ a[i]·b[i], float32 in 16 partial sums.
GOLF_INLINE float dot(const float* a, const float* b, int64_t count) {
  Floats even{}, odd{};
  int64_t i = 0;
  for (; i + 2 * kLanes <= count; i += 2 * kLanes) {
    even += load(a + i) * load(b + i);
    odd += load(a + i + kLanes) * load(b + i + kLanes);
  }
  for (; i + kLanes <= count; i += kLanes) even += load(a + i) * load(b + i);
  if (i < count) odd += load_some(a + i, count - i, 0) * load_some(b + i, count - i, 0);
  return sum(even + odd);
}

struct Exp {
  Floats power_of_two;  ///< 2^n
  Floats remainder;     ///< e^r − 1 for |r| ≤ ln(2)/2, with x = n·ln 2 + r
};
/// Splits e^x = 2^n · e^r; x is first clamped to [−87, 88]. Relative error below 2e-7 (polynomial of Cephes'
/// expf).
GOLF_INLINE Exp split_exp(Floats x) {
  x = clamp(x, -87.0F, 88.0F);
  const Floats magic = splat(12582912.0F);  // 1.5 · 2^23: adding it rounds to an integer in the low bits
  const Floats shifted = x * 1.44269504088896341F + magic;
  const Floats n = shifted - magic;
  const Floats r = (x - n * 0.693359375F) + n * 2.12194440e-4F;
  Floats p = r * 1.9875691500e-4F + 1.3981999507e-3F;
  p = p * r + 8.3334519073e-3F;
  p = p * r + 4.1665795894e-2F;
  p = p * r + 1.6666665459e-1F;
  p = p * r + 5.0000001201e-1F;
  Ints bits;
  std::memcpy(&bits, &shifted, sizeof(bits));
  bits = (bits + 127) << 23;
  Exp result;
  std::memcpy(&result.power_of_two, &bits, sizeof(bits));
  result.remainder = p * r * r + r;
  return result;
}
GOLF_INLINE Floats exp(Floats x) {
  const Exp e = split_exp(x);
  return e.power_of_two * e.remainder + e.power_of_two;
}
/// Accurate also near 0, as it goes through e^2x − 1.
GOLF_INLINE Floats tanh(Floats x) {
  const Exp e = split_exp(clamp(x, -10.0F, 10.0F) * 2.0F);
  const Floats expm1 = e.power_of_two * e.remainder + (e.power_of_two - 1.0F);
  return expm1 / (expm1 + 2.0F);
}

/// Calls the kernel with the instructions of cpu_path().
#if defined(__x86_64__)
template <auto Kernel, class... Arguments>
__attribute__((target("avx512f"))) void run_avx512(const Arguments&... arguments) {
  Kernel(arguments...);
}
template <auto Kernel, class... Arguments>
__attribute__((target("avx2"))) void run_avx2(const Arguments&... arguments) {
  Kernel(arguments...);
}
template <auto Kernel, class... Arguments>
void run(const Arguments&... arguments) {
  const CpuPath path = cpu_path();
  if (path == CpuPath::kAvx512) return run_avx512<Kernel>(arguments...);
  if (path == CpuPath::kAvx2) return run_avx2<Kernel>(arguments...);
  Kernel(arguments...);
}
#else
template <auto Kernel, class... Arguments>
void run(const Arguments&... arguments) {
  Kernel(arguments...);
}
#endif

inline int64_t blocks_of(int64_t count, int64_t per_block) { return (count + per_block - 1) / per_block; }

/// Calls range(begin, end) for each block of [0, count), on several threads when there is enough to do.
template <class Range>
void for_blocks(int64_t count, int64_t per_block, int threads, const Range& range) {
  const int64_t blocks = blocks_of(count, per_block);
#pragma omp parallel for num_threads(threads) if (blocks > 1)
  for (int64_t block = 0; block < blocks; ++block) {
    range(block * per_block, std::min(count, (block + 1) * per_block));
  }
}

}  // namespace golf::kernels
