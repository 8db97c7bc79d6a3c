#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "golf/artifact/base/bytes.h"
#include "golf/artifact/base/limits.h"

namespace golf {

/// Lossless codecs: general-purpose ones, and golf, which codes tensors (encode/golf/golf_codec.h). The
/// values are stored in .golf files and never reused. The table has them all; here are names for those that
/// other code asks for.
enum class CodecId : uint8_t { kStore = 0, kZlib = 1, kZstd = 2, kLzma = 3, kBrotli = 4, kGolf = 5 };

/// A codec with its level: "zstd:22", "lzma:9e", "zlib:9", "brotli:11", "golf:3", "store".
struct CodecSpec {
  static constexpr int kUnknownLevel = -1;  ///< of a stream that somebody else encoded

  CodecId id = CodecId::kZstd;
  int level = 22;
  bool extreme = false;  ///< lzma's "e" presets

  bool operator==(const CodecSpec&) const = default;
};
/// "NAME" (the codec's default level) or "NAME:LEVEL".
/// @throws Error kInvalidArgument listing the codecs and the levels each takes
CodecSpec parse_codec(std::string_view text);
/// What parse_codec reads; the name alone when the level is unknown.
std::string to_string(const CodecSpec& spec);

/// What a codec's source defines: encode/codec_source.h.
struct CodecFunctions;

/// One row per codec, in encode/codec_table.cpp: all that the rest of the program knows about it.
struct CodecRow {
  CodecId id = CodecId::kStore;
  std::string_view name = {};
  int min_level = 0;  ///< all three 0: the codec has no levels
  int max_level = 0;
  int default_level = 0;
  bool has_extreme = false;     ///< takes a trailing "e"
  std::string_view magic = {};  ///< the bytes with which its streams begin; empty: see CodecFunctions
  LimitRow limit = {};          ///< what a stream may ask for; no name: nothing
  std::array<std::string_view, 3> compared = {};  ///< what compare_codecs() tries
  const CodecFunctions* functions = nullptr;

  /// False for golf, which codes a .golf stream knowing the shapes of its tensors.
  bool codes_bytes() const;
  std::string library_version() const;
};
std::span<const CodecRow> codec_table();
/// What parse_codec() takes: "store, zlib[:1..9], …".
std::string codec_choices();
/// @throws Error kUnsupported for an id that no row has
const CodecRow& codec_row(CodecId id);

/// Deterministic for one library version, whatever `threads`; 0: all. Brotli alone uses more than one, for
/// more than 8 MiB.
/// @throws Error kInvalidArgument: no such level, or a codec that does not code plain bytes
Bytes encode(const CodecSpec& spec, ByteView raw, int threads = 1);
/// Decodes a whole stream of at most `max_bytes`; memory follows what really comes out.
/// @throws Error kCorruptData: damaged, truncated, trailing bytes, over `max_bytes`, or asking for too much
/// memory
Bytes decode(CodecId id, ByteView encoded, uint64_t max_bytes, const std::string& what);
/// The first `count` decoded bytes (fewer when the stream is shorter), without decoding the rest.
Bytes decode_prefix(CodecId id, ByteView encoded, uint64_t count, const std::string& what);
/// The codec whose magic number starts the bytes (zlib, zstd, xz); brotli has none.
std::optional<CodecId> detect_codec(ByteView bytes);

}  // namespace golf
