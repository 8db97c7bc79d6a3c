#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace golf {

/// Bits to code an event of probability size / 2^16, in 1/256.
uint32_t interval_bits_q8(uint32_t size);

/// How precisely the scales of rows (or columns) are worth sending.
struct OffsetChoice {
  int step_log = 0;                  ///< 0: not at all
  std::vector<int8_t> offsets = {};  ///< empty then
};

/// `logs`: the scales that would suit, in sixteenths of an octave, relative to the plane's; kZeroLog for a
/// row without. `values_each`: values that share one scale. `hints`: see PlaneModel; empty without.
OffsetChoice choose_offsets(std::span<const int> logs, uint64_t values_each, std::span<const int> hints = {});
inline constexpr int kZeroLog = INT32_MIN;  ///< of a row without scale

}  // namespace golf
