#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "encode/golf/distribution.h"
#include "golf/artifact/base/bytes.h"

namespace golf {

/// A binary range coder: codes one bit after another, each with its own probability. Encoder and decoder have
/// the same calls: code(bit, p) takes the bit to write, or ignores its argument, and returns the bit. So one
/// function that codes a structure serves both directions.
///
/// The interval [low, high] of 32-bit numbers is cut at low + (high − low) · p / 2^16; a 1 keeps the lower
/// part. Leading bytes on which both ends agree leave the coder. Finishing writes the four bytes of low,
/// which the decoder demands.
class RangeEncoder {
 public:
  static constexpr bool kDecodes = false;

  /// `p1`: probability of a 1 in 1/65536, within [1, 65535].
  int code(int bit, uint32_t p1) {
    const uint32_t cut = low_ + static_cast<uint32_t>(uint64_t{high_ - low_} * p1 >> 16);
    if (bit != 0) {
      high_ = cut;
    } else {
      low_ = cut + 1;
    }
    while (((low_ ^ high_) >> 24) == 0) {
      bytes_.push_back(static_cast<std::byte>(high_ >> 24));
      low_ <<= 8;
      high_ = high_ << 8 | 0xffU;
    }
    return bit;
  }
  /// Bytes that have left the coder.
  uint64_t position() const { return bytes_.size(); }
  Bytes finish() {
    for (int shift = 24; shift >= 0; shift -= 8) bytes_.push_back(static_cast<std::byte>(low_ >> shift));
    return std::move(bytes_);
  }

 private:
  uint32_t low_ = 0;
  uint32_t high_ = 0xffffffff;
  Bytes bytes_;
};

/// Borrows the bytes it was given.
class RangeDecoder {
 public:
  static constexpr bool kDecodes = true;
  static constexpr uint64_t kTailBytes = 4;

  /// @throws Error kCorruptData "what: …", here and below, when the bytes end early
  RangeDecoder(ByteView bytes, std::string what);

  int code(int /*unused*/, uint32_t p1) {
    const uint32_t cut = low_ + static_cast<uint32_t>(uint64_t{high_ - low_} * p1 >> 16);
    const int bit = code_ <= cut ? 1 : 0;
    if (bit != 0) {
      high_ = cut;
    } else {
      low_ = cut + 1;
    }
    while (((low_ ^ high_) >> 24) == 0) {
      low_ <<= 8;
      high_ = high_ << 8 | 0xffU;
      code_ = code_ << 8 | next_byte();
    }
    return bit;
  }
  uint64_t position() const { return next_ - kTailBytes; }
  /// Everything was read and ends as the encoder ends. @throws Error kCorruptData
  void expect_end() const;

 private:
  uint32_t next_byte() {
    if (next_ == bytes_.size()) fail_truncated_here();
    return std::to_integer<uint32_t>(bytes_[next_++]);
  }
  [[noreturn]] void fail_truncated_here() const;

  ByteView bytes_;
  std::string what_;
  uint64_t next_ = 0;
  uint32_t low_ = 0;
  uint32_t high_ = 0xffffffff;
  uint32_t code_ = 0;
};

/// Interleaved range asymmetric numeral systems (rANS): up to 1,024 coders share one sequence of 16-bit
/// words, so that a decoder can work on many values at once. A step codes one value in each of the first
/// lanes.
///
/// A lane's state x stays in [floor, 2^16 · floor). Decoding takes slot = x mod 2^16, which lies in the
/// interval [begin, begin + size) of one value, then x = size · ⌊x / 2^16⌋ + slot − begin, and when x < floor
/// the next word follows its bits. States begin where the encoder ended, and end at the floor. A state as
/// narrow as that of method 1 rounds away 0.0045 bits a value.
struct LaneForm {
  uint64_t floor = 0;
  size_t state_bytes = 0;  ///< of a stored state

  bool holds(uint64_t state) const { return state >= floor && state >> kProbabilityBits < floor; }
};
inline constexpr LaneForm kNarrowLanes{uint64_t{1} << 16, 4};
inline constexpr LaneForm kWideLanes{uint64_t{1} << 24, 5};

/// Wide lanes. Keeps all symbols, because rANS encodes backwards.
class LaneEncoder {
 public:
  explicit LaneEncoder(int lane_log) : lane_log_(lane_log) {}

  void begin_step() { steps_.push_back(static_cast<uint32_t>(0)); }
  /// The next lane of the step. An interval of size 2^16 costs nothing.
  void put(uint32_t begin, uint32_t size) {
    symbols_.push_back((size - 1) << 16 | begin);
    ++steps_.back();
  }
  /// A tensor of the stream ends here.
  void end_tensor() { tensor_steps_.push_back(steps_.size()); }

  struct Result {
    Bytes bytes;                         ///< states, then words
    std::vector<uint64_t> tensor_words;  ///< in the order of end_tensor
  };
  Result finish();

 private:
  int lane_log_;
  std::vector<uint32_t> steps_;    ///< lanes of each step
  std::vector<uint32_t> symbols_;  ///< size − 1 and begin
  std::vector<size_t> tensor_steps_;
};

/// Borrows the words it was given.
class LaneDecoder {
 public:
  /// @throws Error kCorruptData "what: …", here and below: too few bytes, a state out of range
  LaneDecoder(ByteView bytes, const LaneForm& form, int lane_log, std::string what);

  uint32_t slot(size_t lane) const { return static_cast<uint32_t>(states_[lane] & 0xffffU); }
  void take(size_t lane, uint32_t begin, uint32_t size) {
    uint64_t state = size * (states_[lane] >> 16) + (states_[lane] & 0xffffU) - begin;
    if (state < form_.floor) state = state << 16 | next_word();
    states_[lane] = state;
  }
  /// Words read until now.
  uint64_t position() const { return next_; }
  /// Everything was read and every lane ends as it must.
  void expect_end() const;

 private:
  uint32_t next_word() {
    if (next_ == word_count_) fail_truncated_here();
    uint16_t word;
    std::memcpy(&word, words_.data() + 2 * next_++, sizeof(word));
    return word;
  }
  [[noreturn]] void fail_truncated_here() const;

  LaneForm form_;
  std::string what_;
  std::vector<uint64_t> states_;
  ByteView words_;
  uint64_t word_count_ = 0;
  uint64_t next_ = 0;
};

}  // namespace golf
