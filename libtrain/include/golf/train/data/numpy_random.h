#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace golf {

/// NumPy's `numpy.random.default_rng(seed)`, number by number: a SeedSequence seeds PCG64 (XSL-RR 128/64),
/// and draws below take from it what the methods of NumPy's Generator do. Programs of the submissions draw
/// their data order from it, so the order must be the same to the bit on every machine.
class NumpyGenerator {
 public:
  explicit NumpyGenerator(uint64_t seed);

  /// A fresh word of the generator. Leaves the half word kept by next_u32() alone.
  uint64_t next_u64();
  /// The low half of a fresh word; the next call gives its high half.
  uint32_t next_u32();
  /// In [0, 1), of 53 bits.
  double next_double();

  /// `integers(0, most + 1)`. Draws nothing when `most` is 0.
  uint32_t integer_up_to(uint32_t most);
  /// `permutation(count)`: 0 … count − 1 in a random order.
  std::vector<uint32_t> permutation(uint32_t count);
  /// `choice(probabilities.size(), p=probabilities)`. They are not empty, not negative and sum to about 1.
  size_t choice(std::span<const double> probabilities);

 private:
  __extension__ using Word = unsigned __int128;
  void advance();

  Word state_ = 0, increment_ = 0;
  uint32_t kept_ = 0;
  bool has_kept_ = false;
};

}  // namespace golf
