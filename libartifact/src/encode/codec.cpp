#include "golf/artifact/encode/codec.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "encode/codec_source.h"
#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"

namespace golf {
namespace {

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

bool CodecRow::codes_bytes() const { return functions->encode != nullptr; }

std::string CodecRow::library_version() const { return functions->library_version(); }

std::string codec_choices() {
  std::string text;
  for (const CodecRow& row : codec_table()) {
    text += text.empty() ? "" : ", ";
    text += row.name;
    if (row.max_level == 0) continue;
    text += fmt::format("[:{}..{}{}]", row.min_level, row.max_level, row.has_extreme ? "[e]" : "");
  }
  return text;
}

const CodecRow& codec_row(CodecId id) {
  for (const CodecRow& row : codec_table()) {
    if (row.id == id) return row;
  }
  fail(ErrorCode::kUnsupported,
       fmt::format("codec id {} is not known to this version", static_cast<int>(id)));
}

CodecSpec parse_codec(std::string_view text) {
  const size_t colon = text.find(':');
  const std::string_view name = text.substr(0, colon);
  const auto row = std::ranges::find(codec_table(), name, &CodecRow::name);
  if (row == codec_table().end()) fail_spec(text, "no such codec");
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

Bytes encode(const CodecSpec& spec, ByteView raw, int threads) {
  const CodecRow& row = byte_codec(spec.id, ErrorCode::kInvalidArgument, "encode");
  if (row.max_level > 0 && (spec.level < row.min_level || spec.level > row.max_level)) {
    fail_spec(fmt::format("{}:{}", row.name, spec.level), "no such level");
  }
  return row.functions->encode(raw, spec, threads);
}

Bytes decode(CodecId id, ByteView encoded, uint64_t max_bytes, const std::string& what) {
  // A stream may claim any size; what is allocated at first is in proportion to what is really there.
  const uint64_t expected_bytes = 2 * uint64_t{encoded.size()};
  OutputBuffer out(max_bytes, OutputBuffer::AtLimit::kFail, expected_bytes, what);
  byte_codec(id, ErrorCode::kCorruptData, what).functions->decode(encoded, out, what);
  return out.take();
}

Bytes decode_prefix(CodecId id, ByteView encoded, uint64_t count, const std::string& what) {
  OutputBuffer out(count, OutputBuffer::AtLimit::kStop, count, what);
  byte_codec(id, ErrorCode::kCorruptData, what).functions->decode(encoded, out, what);
  return out.take();
}

std::optional<CodecId> detect_codec(ByteView bytes) {
  for (const CodecRow& row : codec_table()) {
    const bool has_magic = !row.magic.empty() && as_text(bytes).starts_with(row.magic);
    if (has_magic || (row.functions->recognizes != nullptr && row.functions->recognizes(bytes)))
      return row.id;
  }
  return std::nullopt;
}

}  // namespace golf
