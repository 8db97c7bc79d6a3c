#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "golf/artifact/base/bytes.h"

namespace golf {

/// Interleaved range asymmetric numeral systems (rANS): up to 1,024 coders share one sequence of 16-bit
/// words, so that a decoder can work on many values at once. A step codes one value in each of the first
/// lanes.
///
/// A lane's state x stays in [2^16, 2^32). Decoding takes slot = x mod 2^16, which lies in the interval
/// [begin, begin + size) of one value, then x = size · ⌊x / 2^16⌋ + slot − begin, and when x < 2^16 the next
/// word follows its bits. States begin where the encoder ended, and end at 2^16.
inline constexpr uint32_t kLaneFloor = uint32_t{1} << 16;
inline constexpr int kMaxLaneLog = 10;

/// Keeps all symbols, because rANS encodes backwards.
class LaneEncoder {
 public:
  explicit LaneEncoder(int lane_log) : lane_log_(lane_log) {}

  void begin_step() { steps_.push_back(static_cast<uint32_t>(0)); }
  /// The next lane of the step. An interval of size 2^16 costs nothing.
  void put(uint32_t begin, uint32_t size) {
    symbols_.push_back((size - 1) << 16 | begin);
    ++steps_.back();
  }
  /// A member of the stream ends here.
  void end_member() { member_steps_.push_back(steps_.size()); }

  struct Result {
    Bytes bytes;                         ///< states, then words
    std::vector<uint64_t> member_words;  ///< in the order of end_member
  };
  Result finish();

 private:
  int lane_log_;
  std::vector<uint32_t> steps_;    ///< lanes of each
  std::vector<uint32_t> symbols_;  ///< size − 1 and begin
  std::vector<size_t> member_steps_;
};

/// Borrows the words it was given.
class LaneDecoder {
 public:
  /// @throws Error kCorruptData "what: …", here and below: too few bytes, a state out of range
  LaneDecoder(ByteView bytes, int lane_log, std::string what);

  uint32_t slot(size_t lane) const { return states_[lane] & 0xffffU; }
  void take(size_t lane, uint32_t begin, uint32_t size) {
    uint32_t state = size * (states_[lane] >> 16) + (states_[lane] & 0xffffU) - begin;
    if (state < kLaneFloor) state = state << 16 | next_word();
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

  std::string what_;
  std::vector<uint32_t> states_;
  ByteView words_;
  uint64_t word_count_ = 0;
  uint64_t next_ = 0;
};

}  // namespace golf
