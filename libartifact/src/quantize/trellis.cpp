#include "quantize/trellis.h"

#include <algorithm>
#include <array>
#include <limits>

#include "quantize/float_values.h"

namespace golf {
namespace {

constexpr size_t kResidues = 4;
/// Levels 4m + residue with |m| ≤ 63 keep q = (level − o)/2 within ±127.
constexpr float kLargestQuarter = 63.0F;

using Costs = std::array<double, trellis::kStates>;

/// The residue mod 4 of the levels on the branch from `state` to `next`.
constexpr size_t branch_residue(int state, int next) {
  const int parity = (next ^ (state >> 1) ^ (state >> 2)) & 1;
  return static_cast<size_t>((state & 1) + 2 * parity);
}
// The two states before t are t/2 and t/2 + 4.
constexpr int kUpper = trellis::kStates / 2;

}  // namespace

void TrellisEncoder::encode(std::span<const float> targets, std::span<const float> steps,
                            std::span<int8_t> quantized, std::span<float> decoded) {
  const size_t rows = targets.size();
  from_upper_.assign(rows, 0);
  nearest_.resize(rows * kResidues);
  Costs costs;
  costs.fill(std::numeric_limits<double>::infinity());
  costs[trellis::kFirstState] = 0.0;
  for (size_t r = 0; r < rows; ++r) {
    const float scaled = targets[r] / steps[r];
    std::array<double, kResidues> errors;
    for (size_t residue = 0; residue < kResidues; ++residue) {
      const auto shift = static_cast<float>(residue);
      const float quarter = std::clamp((scaled - shift) * 0.25F, -kLargestQuarter, kLargestQuarter);
      const float nearest = 4.0F * round_half_even(quarter) + shift;
      nearest_[r * kResidues + residue] = static_cast<int16_t>(nearest);
      const auto error = static_cast<double>(nearest - scaled);
      errors[residue] = error * error;
    }
    Costs after;
    for (int t = 0; t < trellis::kStates; ++t) {
      const int below = t / 2;
      const int above = below + kUpper;
      const double low = costs[static_cast<size_t>(below)] + errors[branch_residue(below, t)];
      const double high = costs[static_cast<size_t>(above)] + errors[branch_residue(above, t)];
      if (high < low) from_upper_[r] = static_cast<uint8_t>(from_upper_[r] | 1U << t);
      after[static_cast<size_t>(t)] = std::min(low, high);
    }
    costs = after;
  }
  auto state = static_cast<int>(std::min_element(costs.begin(), costs.end()) - costs.begin());
  for (size_t r = rows; r-- > 0;) {
    const int before = state / 2 + ((from_upper_[r] >> state & 1) != 0 ? kUpper : 0);
    const int level = nearest_[r * kResidues + branch_residue(before, state)];
    quantized[r] = static_cast<int8_t>((level - (before & 1)) / 2);
    decoded[r] = static_cast<float>(level) * steps[r];
    state = before;
  }
}

}  // namespace golf
