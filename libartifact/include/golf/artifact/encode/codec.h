#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "golf/artifact/base/bytes.h"

namespace golf {

/// General-purpose lossless codecs. The values are stored in .golf files and never reused.
enum class CodecId : uint8_t { kStore = 0, kZlib = 1, kZstd = 2, kLzma = 3, kBrotli = 4 };

/// A codec with its level: "zstd:22", "lzma:9e", "zlib:9", "brotli:11", "store".
struct CodecSpec {
  CodecId id = CodecId::kZstd;
  int level = 22;
  bool extreme = false;  ///< lzma's "e" presets

  bool operator==(const CodecSpec&) const = default;
};
/// @throws Error kInvalidArgument listing the codecs and the levels each takes
CodecSpec parse_codec(std::string_view text);
std::string to_string(const CodecSpec& spec);

/// One row per codec: name, default level, range, library version.
struct CodecRow {
  CodecId id;
  std::string_view name;
  int min_level, max_level, default_level;
  Bytes (*encode)(ByteView raw, const CodecSpec& spec);
  /// Decodes a whole stream of at most `max_bytes`; memory follows what really comes out.
  Bytes (*decode)(ByteView encoded, uint64_t max_bytes, const std::string& what);
  std::string (*library_version)();
};
std::span<const CodecRow> codec_table();
const CodecRow& codec_row(CodecId id);

/// Single-threaded and deterministic for one library version.
Bytes encode(const CodecSpec& spec, ByteView raw);
/// @throws Error kCorruptData: damaged, truncated, trailing bytes, over `max_bytes`, or asking for too much
/// memory
Bytes decode(CodecId id, ByteView encoded, uint64_t max_bytes, const std::string& what);
/// The codec whose magic number starts the bytes (zlib, zstd, xz); brotli has none.
std::optional<CodecId> detect_codec(ByteView bytes);

}  // namespace golf
