#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>

namespace golf {

/// The nearest integer, ties to even, for |value| ≤ 2^22: as std::nearbyint, but a form that compilers turn
/// into vector instructions everywhere. Adding 1.5·2^23 leaves no bits for a fraction.
inline float round_half_even(float value) {
  constexpr float kShift = 0x1.8p23F;
  return (value + kShift) - kShift;
}

/// Integers from `low` to `high`, both within int8.
struct IntRange {
  float low, high;
};

/// q = clamp(round_half_even(w / scale), range) for each w. `scale` > 0.
inline void quantize_values(std::span<const float> weights, float scale, IntRange range,
                            std::span<int8_t> quantized) {
  for (size_t i = 0; i < weights.size(); ++i) {
    // Clamping first changes nothing, because the limits are integers, and keeps the rounding in its domain.
    const float scaled = std::min(std::max(weights[i] / scale, range.low), range.high);
    quantized[i] = static_cast<int8_t>(round_half_even(scaled));
  }
}
inline void quantize_values(std::span<const float> weights, float scale, float limit,
                            std::span<int8_t> quantized) {
  quantize_values(weights, scale, IntRange{-limit, limit}, quantized);
}

/// Largest magnitude; 0 for no values.
inline float max_magnitude(std::span<const float> values) {
  float largest = 0.0F;
  for (const float value : values) largest = std::max(largest, std::fabs(value));
  return largest;
}

}  // namespace golf
