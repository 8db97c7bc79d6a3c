// Products of small blocks that lie in the first-level cache. This source alone is compiled so that the
// compiler fuses products with sums where the processor can: half of the speed depends on it. Results
// therefore differ between instruction sets in their last bits, never with the number of threads.
#include <algorithm>
#include <cstring>

#include "model/kernels/kernels.h"
#include "model/kernels/simd.h"

namespace golf::kernels {
namespace {

// One register's floats each. (A vector size that depends on a template's parameter is ignored by g++ 12.)
using FourFloats = float __attribute__((vector_size(16)));
using EightFloats = float __attribute__((vector_size(32)));
using SixteenFloats = float __attribute__((vector_size(64)));

template <class Vector>
constexpr int64_t kWidth = sizeof(Vector) / sizeof(float);

/// C [Rows, 2 vectors] = A [Rows, depth] · B [depth, 2 vectors], added to C when `accumulate`. All sums stay
/// in registers.
template <class Vector, int Rows>
GOLF_INLINE void tile(int64_t depth, const float* a, int64_t a_row, const float* b, int64_t b_row, float* c,
                      int64_t c_row, bool accumulate) {
  constexpr int64_t kNext = kWidth<Vector>;
  Vector left[Rows], right[Rows];
  for (int r = 0; r < Rows; ++r) {
    if (accumulate) {
      std::memcpy(&left[r], c + r * c_row, sizeof(Vector));
      std::memcpy(&right[r], c + r * c_row + kNext, sizeof(Vector));
    } else {
      left[r] = right[r] = Vector{};
    }
  }
  for (int64_t k = 0; k < depth; ++k) {
    Vector b_left, b_right;
    std::memcpy(&b_left, b + k * b_row, sizeof(Vector));
    std::memcpy(&b_right, b + k * b_row + kNext, sizeof(Vector));
    for (int r = 0; r < Rows; ++r) {
      const Vector factor = a[r * a_row + k] - Vector{};
      left[r] += factor * b_left;
      right[r] += factor * b_right;
    }
  }
  for (int r = 0; r < Rows; ++r) {
    std::memcpy(c + r * c_row, &left[r], sizeof(Vector));
    std::memcpy(c + r * c_row + kNext, &right[r], sizeof(Vector));
  }
}

/// One tile after the other down the rows.
template <class Vector>
GOLF_INLINE void column_of_tiles(int64_t rows, int64_t depth, const float* a, int64_t a_row, const float* b,
                                 int64_t b_row, float* c, int64_t c_row, bool accumulate) {
  constexpr int kRows = 6;  // 12 sums, two vectors of B and one of A fill AVX2's 16 registers
  int64_t r = 0;
  for (; r + kRows <= rows; r += kRows) {
    tile<Vector, kRows>(depth, a + r * a_row, a_row, b, b_row, c + r * c_row, c_row, accumulate);
  }
  if (r + 4 <= rows) {
    tile<Vector, 4>(depth, a + r * a_row, a_row, b, b_row, c + r * c_row, c_row, accumulate);
    r += 4;
  }
  for (; r < rows; ++r) {
    tile<Vector, 1>(depth, a + r * a_row, a_row, b, b_row, c + r * c_row, c_row, accumulate);
  }
}

template <class Vector>
GOLF_INLINE void product(int64_t m, int64_t n, int64_t k, const float* a, int64_t a_row, const float* b,
                         int64_t b_row, float* c, int64_t c_row, bool accumulate) {
  constexpr int64_t kColumns = 2 * kWidth<Vector>;
  int64_t j = 0;
  for (; j + kColumns <= n; j += kColumns) {
    column_of_tiles<Vector>(m, k, a, a_row, b + j, b_row, c + j, c_row, accumulate);
  }
  if (j == n) return;
  // The last columns in copies that are as wide as a tile.
  constexpr int64_t kDepth = 64, kHeight = 64;
  const auto width = static_cast<size_t>(n - j) * sizeof(float);
  float b_copy[kDepth * kColumns] = {}, c_copy[kHeight * kColumns] = {};
  for (int64_t top = 0; top < m; top += kHeight) {
    const int64_t rows = std::min(kHeight, m - top);
    for (int64_t from = 0; from < k; from += kDepth) {
      const int64_t depth = std::min(kDepth, k - from);
      for (int64_t i = 0; i < depth; ++i) {
        std::memcpy(b_copy + i * kColumns, b + (from + i) * b_row + j, width);
      }
      const bool adds = accumulate || from > 0;
      for (int64_t r = 0; adds && r < rows; ++r) {
        std::memcpy(c_copy + r * kColumns, c + (top + r) * c_row + j, width);
      }
      column_of_tiles<Vector>(rows, depth, a + top * a_row + from, a_row, b_copy, kColumns, c_copy, kColumns,
                              adds);
      for (int64_t r = 0; r < rows; ++r) {
        std::memcpy(c + (top + r) * c_row + j, c_copy + r * kColumns, width);
      }
    }
  }
}

#if defined(__x86_64__)
__attribute__((target("avx512f"))) void product_avx512(int64_t m, int64_t n, int64_t k, const float* a,
                                                       int64_t a_row, const float* b, int64_t b_row, float* c,
                                                       int64_t c_row, bool accumulate) {
  product<SixteenFloats>(m, n, k, a, a_row, b, b_row, c, c_row, accumulate);
}
__attribute__((target("avx2,fma"))) void product_avx2(int64_t m, int64_t n, int64_t k, const float* a,
                                                      int64_t a_row, const float* b, int64_t b_row, float* c,
                                                      int64_t c_row, bool accumulate) {
  product<EightFloats>(m, n, k, a, a_row, b, b_row, c, c_row, accumulate);
}
#endif

}  // namespace

void block_product(int64_t m, int64_t n, int64_t k, const float* a, int64_t a_row, const float* b,
                   int64_t b_row, float* c, int64_t c_row, bool accumulate) {
#if defined(__x86_64__)
  const CpuPath path = cpu_path();
  if (path == CpuPath::kAvx512) {
    return product_avx512(m, n, k, a, a_row, b, b_row, c, c_row, accumulate);
  }
  if (path == CpuPath::kAvx2) return product_avx2(m, n, k, a, a_row, b, b_row, c, c_row, accumulate);
#endif
  product<FourFloats>(m, n, k, a, a_row, b, b_row, c, c_row, accumulate);
}

}  // namespace golf::kernels
