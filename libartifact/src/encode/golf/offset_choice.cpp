#include "encode/golf/offset_choice.h"

#include <algorithm>
#include <array>
#include <map>

#include "encode/golf/fixed_math.h"
#include "encode/golf/plane_model.h"

namespace golf {
namespace {

int8_t quantized(int log, int step_log) {
  const int half = 1 << (step_log - 1);
  return static_cast<int8_t>(std::clamp((log + half) >> step_log, -kMaxOffset, kMaxOffset));
}

/// Σ −log2 of the relative frequencies, in 1/65536 bits.
uint64_t entropy_bits_q16(std::span<const int8_t> offsets) {
  std::array<uint64_t, 256> counts{};
  for (const int8_t offset : offsets) ++counts[static_cast<uint8_t>(offset)];
  const auto log_total = static_cast<uint64_t>(log2_q16(std::max<uint64_t>(1, offsets.size())));
  uint64_t bits = 0;
  for (const uint64_t count : counts) {
    if (count > 0) bits += count * (log_total - static_cast<uint64_t>(log2_q16(count)));
  }
  return bits;
}

}  // namespace

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

OffsetChoice choose_offsets(std::span<const int> logs, uint64_t values_each) {
  // A normal distribution coded with a scale that is wrong by x sixteenths costs 0.0027·x² bits a value.
  constexpr uint64_t kBitsPerSquareQ16 = 177;
  constexpr uint64_t kTableBitsQ16 = uint64_t{60} << 16;  // what the coder's models learn from, roughly
  OffsetChoice best;
  uint64_t best_bits = 0;
  for (int step_log = 0; step_log <= 3; ++step_log) {
    OffsetChoice choice{.step_log = step_log};
    uint64_t squares = 0;
    bool has_zero = false;
    for (const int log : logs) {
      has_zero = has_zero || log == kZeroLog;
      if (step_log > 0) choice.offsets.push_back(log == kZeroLog ? kZeroRow : quantized(log, step_log));
      if (log == kZeroLog) continue;
      const int64_t error = log - (step_log > 0 ? choice.offsets.back() * (1 << step_log) : 0);
      squares += static_cast<uint64_t>(error * error);
    }
    if (step_log == 0 && has_zero) squares += uint64_t{1} << 40 >> 8;
    const uint64_t side = step_log == 0 ? 0 : entropy_bits_q16(choice.offsets) + kTableBitsQ16;
    const uint64_t bits = squares * values_each * kBitsPerSquareQ16 + side;
    if (step_log == 0 || bits < best_bits) {
      best = std::move(choice);
      best_bits = bits;
    }
  }
  return best;
}

}  // namespace golf
