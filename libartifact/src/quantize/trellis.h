#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace golf {

/// Trellis-coded quantization with 8 states (docs/FORMAT.md §3). Levels are multiples of the step. An even
/// state allows the even ones, an odd state the odd ones, so neighbors are two steps apart; the choice among
/// them decides the next state. A sequence can so follow the finer grid of all levels while each value is
/// coded on the coarser one: 1 dB less error at the same rate, 0.17 bit.
/// Source: Marcellin and Fischer, Trellis coded quantization, 1990, with Ungerboeck's 8-state code.
namespace trellis {

inline constexpr int kStates = 8;
inline constexpr uint8_t kFirstState = 0;

/// The reconstruction level of value `q` in `state`.
constexpr int level(uint8_t state, int q) { return 2 * q + (state & 1); }
constexpr uint8_t next(uint8_t state, int q) {
  return static_cast<uint8_t>((2 * state + ((q ^ (state >> 1) ^ (state >> 2)) & 1)) & (kStates - 1));
}

}  // namespace trellis

/// The best path through the trellis for one column. Keeps its memory from one column to the next.
class TrellisEncoder {
 public:
  /// Chooses q in ±127 for each target, the sum of (error / step)² being least among all paths: finer steps
  /// say that errors count more. `decoded` is float(level) · step. All spans have the same size; steps > 0.
  void encode(std::span<const float> targets, std::span<const float> steps, std::span<int8_t> quantized,
              std::span<float> decoded);

 private:
  std::vector<uint8_t> from_upper_;  ///< [rows]: bit t: state t was reached from the upper of its two
  std::vector<int16_t> nearest_;     ///< [rows, 4]: the nearest level of each residue mod 4
};

}  // namespace golf
