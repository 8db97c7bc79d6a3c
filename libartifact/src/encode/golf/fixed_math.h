#pragma once

#include <bit>
#include <cstdint>

/// Integer arithmetic in place of exp and log: encoder and decoder must agree on every bit, whatever the
/// compiler and the processor, so nothing that both compute may be floating-point. "Qn" has n fraction bits.
namespace golf {

/// log2(value) in Q16, rounded down; value ≥ 1.
constexpr int32_t log2_q16(uint64_t value) {
  const int exponent = static_cast<int>(std::bit_width(value)) - 1;
  // Mantissa in [1, 2) as Q31; each squaring brings out one more bit of the logarithm.
  uint64_t mantissa = exponent <= 31 ? value << (31 - exponent) : value >> (exponent - 31);
  int32_t result = exponent << 16;
  for (int bit = 15; bit >= 0; --bit) {
    mantissa = (mantissa * mantissa) >> 31;
    if (mantissa >> 32 == 0) continue;
    mantissa >>= 1;
    result |= 1 << bit;
  }
  return result;
}

/// 2^31 · 2^(−exponent / 2^16), rounded down; 0 once the result is below 1.
constexpr uint32_t exp2_negative(uint64_t exponent_q16) {
  // 2^(−1/2), 2^(−1/4), … 2^(−1/65536) in Q31, rounded to nearest.
  constexpr uint32_t kRoots[16] = {1518500250, 1805811301, 1969251188, 2056437387, 2101467502, 2124350982,
                                   2135885998, 2141676973, 2144578345, 2146030505, 2146756953, 2147120270,
                                   2147301951, 2147392798, 2147438222, 2147460935};
  const uint64_t whole = exponent_q16 >> 16;
  if (whole > 31) return 0;
  uint64_t product = uint64_t{1} << 31;
  for (int bit = 0; bit < 16; ++bit) {
    if ((exponent_q16 >> (15 - bit) & 1) != 0) product = product * kRoots[bit] >> 31;
  }
  return static_cast<uint32_t>(product >> whole);
}

}  // namespace golf
