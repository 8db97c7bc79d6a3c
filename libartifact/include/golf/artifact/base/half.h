#pragma once

#include <cstdint>

namespace golf {

/// IEEE binary16 and bfloat16 ↔ float32. Narrowing rounds to nearest, ties to even, as torch does;
/// overflow gives infinity, NaN stays NaN (quiet).
float f16_to_f32(uint16_t half);
uint16_t f32_to_f16(float value);
float bf16_to_f32(uint16_t half);
uint16_t f32_to_bf16(float value);

}  // namespace golf
