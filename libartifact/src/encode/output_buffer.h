#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "golf/artifact/base/bytes.h"

namespace golf {

/// Where a decoder puts bytes whose number it cannot trust: grows with what really comes out, never past the
/// limit. A decoder loops over room() and wrote() until its stream ends or full() says to stop.
class OutputBuffer {
 public:
  enum class AtLimit { kFail, kStop };  ///< one byte too many: an error, or simply enough

  /// `expected_bytes` is a hint for the first allocation.
  OutputBuffer(uint64_t limit_bytes, AtLimit at_limit, uint64_t expected_bytes, std::string what);

  /// Space for the next bytes, never empty. Past the limit it is a scratch area that must stay unused.
  std::span<std::byte> room();
  /// `count` bytes of the last room() were filled. @throws Error kCorruptData past the limit
  void wrote(uint64_t count);
  /// Whether the decoder should stop, the stream unfinished.
  bool full() const { return at_limit_ == AtLimit::kStop && size_ == limit_bytes_; }
  Bytes take();

 private:
  uint64_t limit_bytes_;
  AtLimit at_limit_;
  std::string what_;
  Bytes bytes_;
  uint64_t size_ = 0;
  std::byte overflow_{};
};

}  // namespace golf
