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

/// q = clamp(round_half_even(w / scale), −limit, limit) for each w. `scale` > 0, `limit` ≤ 127.
inline void quantize_values(std::span<const float> weights, float scale, float limit,
                            std::span<int8_t> quantized) {
  for (size_t i = 0; i < weights.size(); ++i) {
    // Clamping first changes nothing, because the limits are integers, and keeps the rounding in its domain.
    const float scaled = std::min(std::max(weights[i] / scale, -limit), limit);
    quantized[i] = static_cast<int8_t>(round_half_even(scaled));
  }
}

/// Largest magnitude; 0 for no values.
inline float max_magnitude(std::span<const float> values) {
  float largest = 0.0F;
  for (const float value : values) largest = std::max(largest, std::fabs(value));
  return largest;
}

}  // namespace golf
