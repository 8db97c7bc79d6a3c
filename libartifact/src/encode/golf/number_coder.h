#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>

#include "encode/golf/range_coder.h"

namespace golf {

/// The probability of a bit, learnt from the bits it has seen: quickly at first, slower later.
class AdaptiveBit {
 public:
  template <class Coder>
  int code(Coder& coder, int bit) {
    bit = coder.code(bit, std::clamp<uint32_t>(p1_, 32, 65'504));
    // 65536 / (seen + 1.5), rounded down, so that the first bit already counts.
    const int32_t rate = static_cast<int32_t>(131'072 / (2 * seen_ + 3));
    p1_ = static_cast<uint16_t>(p1_ + (((bit != 0 ? 65'535 : 0) - int32_t{p1_}) * int64_t{rate} >> 16));
    if (seen_ < kSlowest) ++seen_;
    return bit;
  }

 private:
  static constexpr uint32_t kSlowest = 60;
  uint16_t p1_ = 32'768;
  uint16_t seen_ = 0;
};

/// Eight bits, most significant first, each with the bits before it as context.
class ByteModel {
 public:
  template <class Coder>
  uint32_t code(Coder& coder, uint32_t byte) {
    uint32_t node = 1;
    for (int i = 7; i >= 0; --i) {
      node = 2 * node + static_cast<uint32_t>(nodes_[node].code(coder, static_cast<int>(byte >> i & 1U)));
    }
    return node & 0xffU;
  }

 private:
  std::array<AdaptiveBit, 256> nodes_;
};

/// Whole numbers that wander around a slowly moving average, such as the scales of successive rows.
class DriftModel {
 public:
  /// `value` lies in [lowest, highest], as does what is decoded.
  template <class Coder>
  int code(Coder& coder, int value, int lowest, int highest) {
    const int expected = std::clamp((average_q4_ + 8) >> 4, lowest, highest);
    const int difference = value - expected;
    const bool can_fall = expected > lowest;
    const bool can_rise = expected < highest;
    int result = expected;
    if ((can_fall || can_rise) && is_other_[context_].code(coder, difference != 0 ? 1 : 0) != 0) {
      bool rises = difference > 0;
      if (!can_fall) rises = true;
      if (!can_rise) rises = false;
      if (can_fall && can_rise) rises = is_greater_[context_].code(coder, rises ? 1 : 0) != 0;
      const int room = rises ? highest - expected : expected - lowest;
      int steps = 1;
      while (steps < room && goes_on_[std::min<size_t>(static_cast<size_t>(steps), goes_on_.size()) - 1].code(
                                 coder, std::abs(difference) > steps ? 1 : 0) != 0) {
        ++steps;
      }
      result += rises ? steps : -steps;
    }
    context_ = static_cast<size_t>(std::min(std::abs(result - expected), 2));
    average_q4_ += (16 * result - average_q4_) >> (is_first_ ? 0 : 2);
    is_first_ = false;
    return result;
  }

 private:
  std::array<AdaptiveBit, 3> is_other_;
  std::array<AdaptiveBit, 3> is_greater_;
  std::array<AdaptiveBit, 24> goes_on_;
  size_t context_ = 0;
  int average_q4_ = 0;
  bool is_first_ = true;
};

/// Bits without a model, most significant first.
template <class Coder>
uint32_t code_raw(Coder& coder, uint32_t value, int bits) {
  uint32_t result = 0;
  for (int i = bits - 1; i >= 0; --i) {
    result = 2 * result + static_cast<uint32_t>(coder.code(static_cast<int>(value >> i & 1U), 32'768));
  }
  return result;
}

}  // namespace golf
