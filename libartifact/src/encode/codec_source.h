#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "golf/artifact/base/bytes.h"
#include "golf/artifact/encode/codec.h"

/// What the source of a codec is written with. Each defines one CodecFunctions; codec_table.cpp lists them.
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

struct CodecFunctions {
  /// Null, like `decode`, for a codec that does not code plain bytes.
  Bytes (*encode)(ByteView raw, const CodecSpec& spec, int threads) = nullptr;
  /// Decodes one whole stream into `out`; stops early, without looking further, when `out` has had enough.
  void (*decode)(ByteView encoded, OutputBuffer& out, const std::string& what) = nullptr;
  std::string (*library_version)() = nullptr;
  /// Whether bytes begin one of its streams, for a codec whose magic number is not a constant.
  bool (*recognizes)(ByteView bytes) = nullptr;
};

/// The three ways in which every codec's input is refused; `codec` is its name in messages.
[[noreturn]] void fail_damaged(const std::string& what, std::string_view codec, std::string_view reason);
[[noreturn]] void fail_truncated(const std::string& what, std::string_view codec);
[[noreturn]] void fail_trailing(const std::string& what, std::string_view codec, uint64_t bytes);

/// Also several xz streams one after the other, and the older .lzma format.
void lzma_decode_any(ByteView encoded, OutputBuffer& out, const std::string& what);
/// The older .lzma format, level 9e: the least bytes around a short text.
Bytes lzma_alone_encode(ByteView raw);

}  // namespace golf
