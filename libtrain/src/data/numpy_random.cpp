#include "golf/train/data/numpy_random.h"

#include <algorithm>
#include <array>
#include <bit>
#include <numeric>
#include <utility>

namespace golf {
namespace {

constexpr int kPoolWords = 4;

/// NumPy's SeedSequence for an integer: 32-bit words of any seed, well mixed into a pool of four.
class SeedPool {
 public:
  explicit SeedPool(uint64_t seed) {
    const std::array<uint32_t, kPoolWords> entropy = {static_cast<uint32_t>(seed),
                                                      static_cast<uint32_t>(seed >> 32)};
    for (size_t i = 0; i < kPoolWords; ++i) pool_[i] = hashed(entropy[i]);
    for (size_t from = 0; from < kPoolWords; ++from) {
      for (size_t to = 0; to < kPoolWords; ++to) {
        if (to != from) pool_[to] = mixed(pool_[to], hashed(pool_[from]));
      }
    }
  }

  /// The first four 64-bit words of its state.
  std::array<uint64_t, 4> words() const {
    std::array<uint64_t, 4> out{};
    uint32_t factor = 0x8b51f9dd;
    for (size_t i = 0; i < 8; ++i) {
      uint32_t value = pool_[i % kPoolWords] ^ factor;
      factor *= 0x58f38ded;
      value *= factor;
      value ^= value >> 16;
      out[i / 2] |= uint64_t{value} << (32 * (i % 2));
    }
    return out;
  }

 private:
  uint32_t hashed(uint32_t value) {
    value ^= hash_;
    hash_ *= 0x931e8875;
    value *= hash_;
    return value ^ (value >> 16);
  }
  static uint32_t mixed(uint32_t a, uint32_t b) {
    const uint32_t value = 0xca01f9dd * a - 0x4973f715 * b;
    return value ^ (value >> 16);
  }

  std::array<uint32_t, kPoolWords> pool_{};
  uint32_t hash_ = 0x43b0d7e5;
};

}  // namespace

NumpyGenerator::NumpyGenerator(uint64_t seed) {
  const std::array<uint64_t, 4> words = SeedPool(seed).words();
  increment_ = ((Word{words[2]} << 64 | words[3]) << 1) | 1;
  advance();
  state_ += Word{words[0]} << 64 | words[1];
  advance();
}

void NumpyGenerator::advance() {
  constexpr Word kFactor = Word{0x2360ED051FC65DA4} << 64 | 0x4385DF649FCCF645;
  state_ = state_ * kFactor + increment_;
}

uint64_t NumpyGenerator::next_u64() {
  advance();
  const auto high = static_cast<uint64_t>(state_ >> 64), low = static_cast<uint64_t>(state_);
  return std::rotr(high ^ low, static_cast<int>(high >> 58));
}

uint32_t NumpyGenerator::next_u32() {
  if (std::exchange(has_kept_, !has_kept_)) return kept_;
  const uint64_t word = next_u64();
  kept_ = static_cast<uint32_t>(word >> 32);
  return static_cast<uint32_t>(word);
}

double NumpyGenerator::next_double() { return static_cast<double>(next_u64() >> 11) * 0x1p-53; }

uint32_t NumpyGenerator::integer_up_to(uint32_t most) {
  if (most == 0) return 0;
  if (most == UINT32_MAX) return next_u32();
  // Lemire's multiplication: the high half is the result, low halves under the threshold come too often.
  const uint32_t count = most + 1;
  const uint32_t threshold = (UINT32_MAX - most) % count;
  uint64_t product = uint64_t{next_u32()} * count;
  while (static_cast<uint32_t>(product) < threshold) product = uint64_t{next_u32()} * count;
  return static_cast<uint32_t>(product >> 32);
}

std::vector<uint32_t> NumpyGenerator::permutation(uint32_t count) {
  std::vector<uint32_t> order(count);
  std::iota(order.begin(), order.end(), 0U);
  for (uint32_t last = count; last-- > 1;) {
    const uint32_t mask = UINT32_MAX >> std::countl_zero(last);
    uint32_t partner = next_u32() & mask;
    while (partner > last) partner = next_u32() & mask;
    std::swap(order[last], order[partner]);
  }
  return order;
}

size_t NumpyGenerator::choice(std::span<const double> probabilities) {
  std::vector<double> bounds(probabilities.size());
  std::partial_sum(probabilities.begin(), probabilities.end(), bounds.begin());
  const double sum = bounds.back(), drawn = next_double();
  const auto found = std::ranges::find_if(bounds, [&](double bound) { return bound / sum > drawn; });
  return static_cast<size_t>(found - bounds.begin());
}

}  // namespace golf
