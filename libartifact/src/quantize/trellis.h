#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "golf/artifact/quantize/stored_model.h"

namespace golf {

/// Trellis-coded quantization (docs/FORMAT.md §3). Levels are multiples of the step. An even state allows the
/// even ones, an odd state the odd ones, so neighbors are two steps apart; the choice among them decides the
/// next state. A sequence can so follow the finer grid of all levels while each value is coded on the coarser
/// one: 1.03 dB less error at the same rate with 8 states, 1.21 dB with 64, 1.29 dB with 256.
/// Sources: Marcellin and Fischer, Trellis coded quantization, 1990; Ungerboeck, Channel coding with
/// multilevel/phase signals, 1982, table I (8 states: its code read backward).
namespace trellis {

/// A rate-1/2 code by its two parity-check polynomials, without their constant terms. Read as a shift
/// register whose lowest bit is the parity of the level, a state adds them to the next one.
struct Code {
  int states;
  uint8_t by_level;  ///< added after an odd level
  uint8_t by_value;  ///< added after an odd value
};

inline constexpr Code kCode8 = {8, 015 / 2, 02 / 2};
inline constexpr Code kCode64 = {64, 0103 / 2, 024 / 2};
inline constexpr Code kCode256 = {256, 0515 / 2, 0362 / 2};

inline constexpr uint8_t kFirstState = 0;

/// The code of an encoding for which is_trellis().
constexpr const Code& code_of(Encoding encoding) {
  return encoding == Encoding::kTrellis256 ? kCode256 : encoding == Encoding::kTrellis64 ? kCode64 : kCode8;
}

/// The reconstruction level of value `q` in `state`.
constexpr int level(uint8_t state, int q) { return 2 * q + (state & 1); }
constexpr uint8_t next(const Code& code, uint8_t state, int q) {
  return static_cast<uint8_t>(state >> 1 ^ ((state & 1) != 0 ? code.by_level : 0) ^
                              ((q & 1) != 0 ? code.by_value : 0));
}

}  // namespace trellis

/// The best path through a trellis for one column. Keeps its memory from one column to the next.
class TrellisEncoder {
 public:
  /// Chooses q in ±127 for each target, the sum of (error / step)² being least among all paths: finer steps
  /// say that errors count more. `decoded` is float(level) · step. All spans have the same size; steps > 0.
  void encode(const trellis::Code& code, std::span<const float> targets, std::span<const float> steps,
              std::span<int8_t> quantized, std::span<float> decoded);

 private:
  template <int kStates>
  void encode_with(const trellis::Code& code, std::span<const float> targets, std::span<const float> steps,
                   std::span<int8_t> quantized, std::span<float> decoded);

  std::vector<int8_t>
      from_upper_;                ///< [rows, states]: not 0: the state was reached from the upper of its two
  std::vector<int16_t> nearest_;  ///< [rows, 4]: the nearest level of each residue mod 4
};

}  // namespace golf
