#pragma once

#include <cstdint>

namespace golf {

/// IEEE binary16 and bfloat16 ↔ float32. Narrowing rounds to nearest, ties to even, as torch does;
/// overflow gives infinity, NaN stays NaN (quiet).
float f16_to_f32(uint16_t half);
uint16_t f32_to_f16(float value);
float bf16_to_f32(uint16_t half);
uint16_t f32_to_bf16(float value);

/// float8 → float32, exact. E4M3 is torch's float8_e4m3fn (no infinities, all bits ones is NaN), E5M2 its
/// float8_e5m2.
float f8e4m3_to_f32(uint8_t value);
float f8e5m2_to_f32(uint8_t value);

}  // namespace golf
