#include "golf/artifact/encode/codec.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "encode/codecs.h"
#include "encode/golf/golf_codec.h"
#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"
#include "golf/artifact/base/limits.h"

namespace golf {
namespace {

constexpr std::array kTable = {
    CodecRow{CodecId::kStore, "store", 0, 0, 0, false, store_encode, store_decode, store_library},
    CodecRow{CodecId::kZlib, "zlib", 1, 9, 9, false, zlib_encode, zlib_decode, zlib_library},
    CodecRow{CodecId::kZstd, "zstd", 1, 22, 22, false, zstd_encode, zstd_decode, zstd_library},
    CodecRow{CodecId::kLzma, "lzma", 0, 9, 9, true, lzma_encode, lzma_decode, lzma_library},
    CodecRow{CodecId::kBrotli, "brotli", 0, 11, 11, false, brotli_encode, brotli_decode, brotli_library},
    CodecRow{CodecId::kGolf, "golf", 1, 9, 9, false, nullptr, nullptr, golf_library},
};

[[noreturn]] void fail_spec(std::string_view text, const std::string& problem) {
  fail(ErrorCode::kInvalidArgument,
       fmt::format("codec \"{}\": {}: give one of {}", printable(text), problem, codec_choices()));
}

/// A row that codes plain bytes.
const CodecRow& byte_codec(CodecId id, ErrorCode code, const std::string& what) {
  const CodecRow& row = codec_row(id);
  if (!row.codes_bytes()) {
    fail(code, fmt::format("{}: codec {} is for the streams of a .golf file only", what, row.name));
  }
  return row;
}

}  // namespace

std::span<const CodecRow> codec_table() { return kTable; }

std::string codec_choices() {
  std::string text;
  for (const CodecRow& row : kTable) {
    text += text.empty() ? "" : ", ";
    text += row.name;
    if (row.max_level == 0) continue;
    text += fmt::format("[:{}..{}{}]", row.min_level, row.max_level, row.has_extreme ? "[e]" : "");
  }
  return text;
}

const CodecRow& codec_row(CodecId id) {
  for (const CodecRow& row : kTable) {
    if (row.id == id) return row;
  }
  fail(ErrorCode::kUnsupported,
       fmt::format("codec id {} is not known to this version", static_cast<int>(id)));
}

CodecSpec parse_codec(std::string_view text) {
  const size_t colon = text.find(':');
  const std::string_view name = text.substr(0, colon);
  const auto* row =
      std::find_if(kTable.begin(), kTable.end(), [&](const CodecRow& entry) { return entry.name == name; });
  if (row == kTable.end()) fail_spec(text, "no such codec");
  CodecSpec spec{.id = row->id, .level = row->default_level, .extreme = false};
  if (colon == std::string_view::npos) return spec;

  std::string_view level = text.substr(colon + 1);
  if (row->has_extreme && level.ends_with('e')) {
    spec.extreme = true;
    level.remove_suffix(1);
  }
  const auto [end, error] = std::from_chars(level.data(), level.data() + level.size(), spec.level);
  const bool is_number = error == std::errc{} && end == level.data() + level.size();
  if (row->max_level == 0 || !is_number || spec.level < row->min_level || spec.level > row->max_level) {
    fail_spec(text, "no such level");
  }
  return spec;
}

std::string to_string(const CodecSpec& spec) {
  const CodecRow& row = codec_row(spec.id);
  if (row.max_level == 0 || spec.level == CodecSpec::kUnknownLevel) return std::string(row.name);
  return fmt::format("{}:{}{}", row.name, spec.level, spec.extreme ? "e" : "");
}

Bytes encode(const CodecSpec& spec, ByteView raw) {
  const CodecRow& row = byte_codec(spec.id, ErrorCode::kInvalidArgument, "encode");
  if (row.max_level > 0 && (spec.level < row.min_level || spec.level > row.max_level)) {
    fail_spec(fmt::format("{}:{}", row.name, spec.level), "no such level");
  }
  return row.encode(raw, spec);
}

Bytes decode(CodecId id, ByteView encoded, uint64_t max_bytes, const std::string& what) {
  // A stream may claim any size; what is allocated at first is in proportion to what is really there.
  const uint64_t expected_bytes = 2 * uint64_t{encoded.size()};
  OutputBuffer out(max_bytes, OutputBuffer::AtLimit::kFail, expected_bytes, what);
  byte_codec(id, ErrorCode::kCorruptData, what).decode(encoded, out, what);
  return out.take();
}

Bytes decode_prefix(CodecId id, ByteView encoded, uint64_t count, const std::string& what) {
  OutputBuffer out(count, OutputBuffer::AtLimit::kStop, count, what);
  byte_codec(id, ErrorCode::kCorruptData, what).decode(encoded, out, what);
  return out.take();
}

std::optional<CodecId> detect_codec(ByteView bytes) {
  const std::string_view text = as_text(bytes);
  if (text.starts_with("\x28\xb5\x2f\xfd")) return CodecId::kZstd;
  if (text.starts_with(std::string_view("\xfd"
                                        "7zXZ\0",
                                        6)))
    return CodecId::kLzma;
  if (bytes.size() < 2) return std::nullopt;
  // RFC 1950: method 8, window at most 32 KiB, no preset dictionary, header divisible by 31.
  const auto method = std::to_integer<unsigned>(bytes[0]);
  const auto flags = std::to_integer<unsigned>(bytes[1]);
  const bool is_zlib =
      (method & 0x0fU) == 8 && method <= 0x78 && (flags & 0x20U) == 0 && (method * 256 + flags) % 31 == 0;
  return is_zlib ? std::optional(CodecId::kZlib) : std::nullopt;
}

void fail_damaged(const std::string& what, std::string_view codec, std::string_view reason) {
  fail(ErrorCode::kCorruptData, fmt::format("{}: the {} stream is damaged: {}", what, codec, reason));
}

void fail_truncated(const std::string& what, std::string_view codec) {
  fail(ErrorCode::kCorruptData, fmt::format("{}: the {} stream is truncated", what, codec));
}

void fail_trailing(const std::string& what, std::string_view codec, uint64_t bytes) {
  fail(ErrorCode::kCorruptData, fmt::format("{}: {} bytes after the {} stream", what, bytes, codec));
}

}  // namespace golf
