#include "model/kernels/int8_product.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "model/kernels/simd.h"

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
#endif

namespace golf::kernels {
namespace {

using Bytes = uint8_t __attribute__((vector_size(kLanes)));

constexpr int64_t kTile = 16;  // outputs that are computed side by side
constexpr int kTileRows = 6;   // 12 sums, two vectors of weights and one of x fill AVX2's 16 registers

int64_t pairs_of(int64_t inputs) { return (inputs + 1) / 2; }

GOLF_INLINE void quantize_row(int64_t width, int zero_point, const float* x, uint8_t* values, float* step) {
  Floats largest{}, probe{};
  int64_t i = 0;
  for (; i + kLanes <= width; i += kLanes) {
    const Floats v = load(x + i);
    largest = max(max(v, -v), largest);
    probe += v * 0.0F;  // NaN for a NaN or an infinity
  }
  if (i < width) {
    const Floats v = load_some(x + i, width - i, 0);
    largest = max(max(v, -v), largest);
    probe += v * 0.0F;
  }
  const float top = max_lane(largest), levels = zero_point == 0 ? 255.0F : 127.0F;
  *step = top / levels + sum(probe);
  const float inverse = top > 0 ? levels / top : 0.0F;
  // Adding 1.5 · 2^23 rounds to a whole number, which then stands in the low bits.
  const Floats magic = splat(12582912.0F);
  const float lowest = zero_point == 0 ? 0.0F : -127.0F;
  const auto quantized = [&](Floats v) {
    const Floats shifted = clamp(v * inverse, lowest, levels) + magic;
    Ints bits;
    std::memcpy(&bits, &shifted, sizeof(bits));
    return __builtin_convertvector(bits + (zero_point - 0x4B400000), Bytes);
  };
  for (i = 0; i + kLanes <= width; i += kLanes) {
    const Bytes q = quantized(load(x + i));
    std::memcpy(values + i, &q, sizeof(q));
  }
  if (i == width) return;
  const Bytes q = quantized(load_some(x + i, width - i, 0));
  std::memcpy(values + i, &q, static_cast<size_t>(width - i));
}

GOLF_INLINE void quantize_all(int64_t rows, int64_t width, int zero_point, const float* x, uint8_t* values,
                              float* steps) {
  for (int64_t r = 0; r < rows; ++r) {
    quantize_row(width, zero_point, x + r * width, values + r * width, steps + r);
  }
}

/// Whether w[i] = values[i] · step for all i, to float32's rounding.
bool are_multiples(int64_t width, const float* w, float step, int8_t* values) {
  for (int64_t i = 0; i < width; ++i) {
    const float q = std::nearbyint(w[i] / step);
    if (!(q >= -128.0F && q <= 127.0F) || std::abs(w[i] - q * step) > std::abs(w[i]) * 0x1p-22F) return false;
    values[i] = static_cast<int8_t>(q);
  }
  return true;
}

/// Sums of kTile outputs for some rows of x, as int16 whole pairs: sums[r, n].
void sum_tile(int64_t rows, int64_t pairs, const int16_t* x, const int16_t* weights, int32_t* sums) {
  for (int64_t r = 0; r < rows; ++r) {
    int32_t total[kTile] = {};
    for (int64_t p = 0; p < pairs; ++p) {
      const int32_t first = x[(r * pairs + p) * 2], second = x[(r * pairs + p) * 2 + 1];
      const int16_t* w = weights + p * 2 * kTile;
      for (int64_t n = 0; n < kTile; ++n) total[n] += first * w[2 * n] + second * w[2 * n + 1];
    }
    std::copy_n(total, kTile, sums + r * kTile);
  }
}

#if defined(__x86_64__)
template <int Rows>
__attribute__((target("avx2"))) void sum_rows_avx2(int64_t pairs, const int16_t* x, const int16_t* weights,
                                                   int32_t* sums) {
  __m256i left[Rows], right[Rows];
  for (int r = 0; r < Rows; ++r) left[r] = right[r] = _mm256_setzero_si256();
  for (int64_t p = 0; p < pairs; ++p) {
    const auto* w = reinterpret_cast<const __m256i*>(weights + p * 2 * kTile);
    const __m256i w_left = _mm256_loadu_si256(w), w_right = _mm256_loadu_si256(w + 1);
    for (int r = 0; r < Rows; ++r) {
      int32_t pair;
      std::memcpy(&pair, x + (r * pairs + p) * 2, sizeof(pair));
      const __m256i both = _mm256_set1_epi32(pair);
      left[r] = _mm256_add_epi32(left[r], _mm256_madd_epi16(both, w_left));
      right[r] = _mm256_add_epi32(right[r], _mm256_madd_epi16(both, w_right));
    }
  }
  for (int r = 0; r < Rows; ++r) {
    auto* to = reinterpret_cast<__m256i*>(sums + r * kTile);
    _mm256_storeu_si256(to, left[r]);
    _mm256_storeu_si256(to + 1, right[r]);
  }
}

void sum_tile_avx2(int64_t rows, int64_t pairs, const int16_t* x, const int16_t* weights, int32_t* sums) {
  if (rows == kTileRows) return sum_rows_avx2<kTileRows>(pairs, x, weights, sums);
  for (int64_t r = 0; r < rows; ++r) {
    sum_rows_avx2<1>(pairs, x + r * pairs * 2, weights, sums + r * kTile);
  }
}
#endif

using SumTile = void (*)(int64_t rows, int64_t pairs, const int16_t* x, const int16_t* weights,
                         int32_t* sums);

SumTile sum_tile_of(CpuPath path) {
#if defined(__x86_64__)
  if (path == CpuPath::kAvx512 || path == CpuPath::kAvx2) return sum_tile_avx2;
#endif
  return sum_tile;
}

#if defined(__x86_64__)
/// VNNI without AVX-512, for which clang 14 knows no name.
bool has_avx_vnni() {
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
  return __get_cpuid_count(7, 1, &eax, &ebx, &ecx, &edx) != 0 && (eax & (1U << 4)) != 0;
}
#endif

}  // namespace

bool has_int8_instructions() {
#if defined(__x86_64__)
  if (cpu_path() == CpuPath::kBaseline) return false;
  return cpu_path() == CpuPath::kAvx2 ? has_avx_vnni() : __builtin_cpu_supports("avx512vnni") != 0;
#else
  return false;
#endif
}

void quantize_rows(int64_t rows, int64_t width, int zero_point, const float* x, uint8_t* values,
                   float* steps) {
  run<quantize_all>(rows, width, zero_point, x, values, steps);
}

WholeRow whole_row(int64_t width, const float* w, int8_t* values) {
  float top = 0.0F;
  for (int64_t i = 0; i < width; ++i) top = std::max(top, std::abs(w[i]));
  if (top == 0.0F) {
    std::fill_n(values, width, int8_t{0});
    return {.step = 0.0F, .exact = true};
  }
  for (int multiple = 1; multiple <= 128; ++multiple) {
    const float step = top / static_cast<float>(multiple);
    if (are_multiples(width, w, step, values)) return {.step = step, .exact = true};
  }
  const float step = top / 127.0F;
  for (int64_t i = 0; i < width; ++i) {
    values[i] = static_cast<int8_t>(std::clamp(std::nearbyint(w[i] / step), -127.0F, 127.0F));
  }
  return {.step = step, .exact = false};
}

int64_t packed_int8_size(int64_t outputs, int64_t inputs) {
  return (outputs + kTile - 1) / kTile * kTile * pairs_of(inputs) * 2;
}

void pack_int8_weights(int64_t outputs, int64_t inputs, const int8_t* weights, int16_t* packed) {
  std::fill_n(packed, packed_int8_size(outputs, inputs), int16_t{0});
  for (int64_t n = 0; n < outputs; ++n) {
    int16_t* tile = packed + n / kTile * kTile * pairs_of(inputs) * 2;
    for (int64_t i = 0; i < inputs; ++i) {
      tile[(i / 2 * kTile + n % kTile) * 2 + i % 2] = weights[n * inputs + i];
    }
  }
}

void int8_product(const Int8Product& in, float* y) {
  const int64_t pairs = pairs_of(in.inputs);
  const SumTile sums_of = sum_tile_of(cpu_path());
  std::vector<int16_t> x(static_cast<size_t>(in.rows * pairs * 2));
  for (int64_t r = 0; r < in.rows; ++r) {
    for (int64_t i = 0; i < in.inputs; ++i) {
      x[static_cast<size_t>(r * pairs * 2 + i)] =
          static_cast<int16_t>(in.x[r * in.inputs + i] - in.zero_point);
    }
  }
  for (int64_t n = 0; n < in.outputs; n += kTile) {
    const int64_t width = std::min(kTile, in.outputs - n);
    for (int64_t r = 0; r < in.rows; r += kTileRows) {
      const int64_t rows = std::min<int64_t>(kTileRows, in.rows - r);
      int32_t sums[kTileRows * kTile];
      sums_of(rows, pairs, x.data() + r * pairs * 2, in.weights + n * pairs * 2, sums);
      for (int64_t row = 0; row < rows; ++row) {
        for (int64_t j = 0; j < width; ++j) {
          y[(r + row) * in.outputs + n + j] = static_cast<float>(sums[row * kTile + j]) * in.steps[n + j];
        }
      }
    }
  }
}

}  // namespace golf::kernels
