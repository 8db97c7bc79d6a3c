#include "encode/golf/offset_choice.h"

#include <algorithm>

#include "encode/golf/fixed_math.h"
#include "encode/golf/number_coder.h"
#include "encode/golf/plane_model.h"

namespace golf {

uint32_t interval_bits_q8(uint32_t size) {
  static const std::vector<uint16_t> table = [] {
    std::vector<uint16_t> bits(kProbabilityOne + 1);
    for (uint32_t i = 1; i <= kProbabilityOne; ++i) {
      bits[i] = static_cast<uint16_t>((kProbabilityBits << 8) - (log2_q16(i) >> 8));
    }
    return bits;
  }();
  return table[size];
}

namespace {

/// Adds up what bits cost, in 1/65536 bits.
struct CountingCoder {
  uint64_t bits_q16 = 0;

  int code(int bit, uint32_t p1) {
    bits_q16 += uint64_t{interval_bits_q8(bit != 0 ? p1 : kProbabilityOne - p1)} << 8;
    return bit;
  }
};

/// A normal distribution coded with a scale that is wrong by x sixteenths costs 0.0027·x² bits a value.
constexpr uint64_t kBitsPerSquareQ16 = 177;

struct Costs {
  OffsetChoice choice = {};
  uint64_t bits_q16 = 0;
};

/// Each offset is that which costs least, its own bits and the values' together, given those before it.
Costs choose_with(int step_log, std::span<const int> logs, uint64_t values_each, std::span<const int> hints) {
  Costs costs{.choice = {.step_log = step_log}};
  const int half = 1 << (step_log - 1);
  DriftModel drift;
  for (size_t i = 0; i < logs.size(); ++i) {
    if (logs[i] == kZeroLog) {
      costs.choice.offsets.push_back(kZeroRow);
      continue;
    }
    const int hint = hints.empty() ? 0 : offset_hint(hints[i], step_log);
    const int nearest = ((logs[i] + half) >> step_log) - hint;
    DriftModel best_drift;
    int best = 0;
    uint64_t least = UINT64_MAX;
    for (int offset = nearest - 2; offset <= nearest + 2; ++offset) {
      const int tried = std::clamp(offset, -kMaxOffset, kMaxOffset);
      DriftModel after = drift;
      CountingCoder coder;
      after.code(coder, tried, -kMaxOffset, kMaxOffset);
      const int64_t error = logs[i] - (tried + hint) * (1 << step_log);
      const uint64_t bits =
          coder.bits_q16 + static_cast<uint64_t>(error * error) * values_each * kBitsPerSquareQ16;
      if (bits >= least) continue;
      least = bits;
      best = tried;
      best_drift = after;
    }
    drift = best_drift;
    costs.bits_q16 += least;
    costs.choice.offsets.push_back(static_cast<int8_t>(best + hint));
  }
  return costs;
}

}  // namespace

OffsetChoice choose_offsets(std::span<const int> logs, uint64_t values_each, std::span<const int> hints) {
  Costs best;
  for (const int log : logs) {
    best.bits_q16 += log == kZeroLog
                         ? uint64_t{1} << 40
                         : static_cast<uint64_t>(int64_t{log} * log) * values_each * kBitsPerSquareQ16;
  }
  for (int step_log = 1; step_log <= 3; ++step_log) {
    Costs costs = choose_with(step_log, logs, values_each, hints);
    if (costs.bits_q16 < best.bits_q16) best = std::move(costs);
  }
  return std::move(best.choice);
}

}  // namespace golf
