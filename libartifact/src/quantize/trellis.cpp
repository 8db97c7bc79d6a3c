#include "quantize/trellis.h"

#include <algorithm>
#include <array>
#include <bit>
#include <limits>

#include "quantize/float_values.h"

namespace golf {
namespace {

constexpr size_t kResidues = 4;
/// Levels 4m + residue with |m| ≤ 63 keep q = (level − o)/2 within ±127.
constexpr float kLargestQuarter = 63.0F;

using ResidueErrors = std::array<double, kResidues>;

/// The search keeps the code's other register, of the last bits that went into it: the two states before t
/// are t/2 and t/2 + states/2. Both start at 0 and give the same levels.
constexpr bool parity(int bits) { return (std::popcount(static_cast<unsigned>(bits)) & 1) != 0; }

/// The residue mod 4 of the levels on the branch from `state` to `next`.
constexpr size_t branch_residue(const trellis::Code& code, int state, int next) {
  const bool value = parity(state & code.by_level) != ((next & 1) != 0);
  return static_cast<size_t>(parity(state & code.by_value)) + 2 * static_cast<size_t>(value);
}

/// Advances the costs of all states by a row. Even states come first in what is kept of a row, then odd ones.
template <int kStates>
class Viterbi {
  static constexpr size_t kHalf = kStates / 2;

 public:
  explicit Viterbi(const trellis::Code& code) {
    for (size_t s = 0; s < kHalf; ++s) {
      const int state = static_cast<int>(s);
      // The upper state's residues are these two the other way round.
      to_even_[s] = branch_residue(code, state, 2 * state);
      to_odd_[s] = branch_residue(code, state, 2 * state + 1);
    }
    costs_.fill(std::numeric_limits<double>::infinity());
    costs_[trellis::kFirstState] = 0.0;
  }

  void step(const ResidueErrors& errors, int8_t* from_upper) {
    // Four plain loops: compilers turn each into vector instructions.
    for (size_t s = 0; s < kHalf; ++s) even_[s] = errors[to_even_[s]];
    for (size_t s = 0; s < kHalf; ++s) odd_[s] = errors[to_odd_[s]];
    for (size_t s = 0; s < kHalf; ++s) {
      const double low_even = costs_[s] + even_[s], high_even = costs_[kHalf + s] + odd_[s];
      const double low_odd = costs_[s] + odd_[s], high_odd = costs_[kHalf + s] + even_[s];
      upper_even_[s] = high_even < low_even ? 1 : 0;
      upper_odd_[s] = high_odd < low_odd ? 1 : 0;
      even_[s] = high_even < low_even ? high_even : low_even;
      odd_[s] = high_odd < low_odd ? high_odd : low_odd;
    }
    for (size_t s = 0; s < kHalf; ++s) {
      from_upper[s] = static_cast<int8_t>(upper_even_[s]);
      from_upper[kHalf + s] = static_cast<int8_t>(upper_odd_[s]);
      costs_[2 * s] = even_[s];
      costs_[2 * s + 1] = odd_[s];
    }
  }

  int best_state() const {
    return static_cast<int>(std::min_element(costs_.begin(), costs_.end()) - costs_.begin());
  }
  static int before(int state, const int8_t* from_upper) {
    const auto half = static_cast<int>(kHalf);
    const int low = state / 2;
    return from_upper[(state & 1) * half + low] != 0 ? low + half : low;
  }

 private:
  std::array<size_t, kHalf> to_even_, to_odd_;
  std::array<double, kStates> costs_;
  std::array<double, kHalf> even_, odd_;
  std::array<int64_t, kHalf> upper_even_, upper_odd_;  ///< as wide as costs
};

/// Sets the residues' nearest levels and gives their squared errors, in steps.
ResidueErrors residue_errors(float scaled, int16_t* nearest) {
  ResidueErrors errors;
  for (size_t residue = 0; residue < kResidues; ++residue) {
    const auto shift = static_cast<float>(residue);
    const float quarter = std::clamp((scaled - shift) * 0.25F, -kLargestQuarter, kLargestQuarter);
    const float level = 4.0F * round_half_even(quarter) + shift;
    nearest[residue] = static_cast<int16_t>(level);
    const auto error = static_cast<double>(level - scaled);
    errors[residue] = error * error;
  }
  return errors;
}

}  // namespace

template <int kStates>
void TrellisEncoder::encode_with(const trellis::Code& code, std::span<const float> targets,
                                 std::span<const float> steps, std::span<int8_t> quantized,
                                 std::span<float> decoded) {
  const size_t rows = targets.size();
  from_upper_.resize(rows * kStates);
  nearest_.resize(rows * kResidues);
  Viterbi<kStates> search(code);
  for (size_t r = 0; r < rows; ++r) {
    search.step(residue_errors(targets[r] / steps[r], nearest_.data() + r * kResidues),
                from_upper_.data() + r * kStates);
  }
  int state = search.best_state();
  for (size_t r = rows; r-- > 0;) {
    const int before = Viterbi<kStates>::before(state, from_upper_.data() + r * kStates);
    const int level = nearest_[r * kResidues + branch_residue(code, before, state)];
    quantized[r] = static_cast<int8_t>(level >> 1);
    decoded[r] = static_cast<float>(level) * steps[r];
    state = before;
  }
}

void TrellisEncoder::encode(const trellis::Code& code, std::span<const float> targets,
                            std::span<const float> steps, std::span<int8_t> quantized,
                            std::span<float> decoded) {
  switch (code.states) {
    case 256:
      return encode_with<256>(code, targets, steps, quantized, decoded);
    case 64:
      return encode_with<64>(code, targets, steps, quantized, decoded);
    default:
      return encode_with<8>(code, targets, steps, quantized, decoded);
  }
}

}  // namespace golf
