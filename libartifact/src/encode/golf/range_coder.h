#pragma once

#include <string>

#include "golf/artifact/base/bytes.h"

namespace golf {

/// Codes one bit after another, each with its own probability. Encoder and decoder have the same calls:
/// code(bit, p) takes the bit to write, or ignores its argument, and returns the bit; so one function that
/// codes a structure serves both ways.
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

}  // namespace golf
