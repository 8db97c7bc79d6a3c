#include "submission/script_wrapper.h"

#include <fmt/format.h>
#include <lzma.h>
#include <zlib.h>

#include <algorithm>
#include <array>

#include "golf/artifact/base/error.h"
#include "golf/artifact/base/limits.h"
#include "golf/artifact/base/text.h"
#include "golf/artifact/encode/codec.h"

namespace golf {
namespace {

constexpr uint64_t kMostBytes = limits::kUnpackedScriptBytes;
constexpr std::string_view kWhat = "the wrapped source";

bool has(std::string_view text, std::string_view word) { return text.find(word) != std::string_view::npos; }

/// Ends the stream on every way out.
struct RawLzma {
  lzma_stream stream = LZMA_STREAM_INIT;
  RawLzma() = default;
  ~RawLzma() { lzma_end(&stream); }
  RawLzma(const RawLzma&) = delete;
  RawLzma& operator=(const RawLzma&) = delete;
};

/// lzma's two forms without a container of their own, by liblzma's decoder that `start` sets up.
template <class Start>
Bytes decode_lzma(ByteView encoded, const Start& start) {
  RawLzma lzma;
  if (start(lzma.stream) != LZMA_OK) fail(ErrorCode::kCorruptData, "lzma: its parameters are not valid");
  lzma.stream.next_in = reinterpret_cast<const uint8_t*>(encoded.data());
  lzma.stream.avail_in = encoded.size();
  Bytes raw;
  while (true) {
    const size_t used = raw.size();
    raw.resize(used + std::max<size_t>(used, 1 << 16));
    lzma.stream.next_out = reinterpret_cast<uint8_t*>(raw.data() + used);
    lzma.stream.avail_out = raw.size() - used;
    const lzma_ret result = lzma_code(&lzma.stream, LZMA_FINISH);
    raw.resize(raw.size() - lzma.stream.avail_out);
    if (raw.size() > kMostBytes)
      fail(ErrorCode::kCorruptData, fmt::format("unpacks to over {} bytes", kMostBytes));
    if (result == LZMA_STREAM_END) return raw;
    if (result != LZMA_OK) fail(ErrorCode::kCorruptData, "lzma: damaged or cut short");
  }
}

/// Python's lzma.FORMAT_RAW with one filter of preset 6; a larger window than the encoder's does no harm.
Bytes decode_raw_lzma(ByteView encoded, lzma_vli filter) {
  lzma_options_lzma options{};
  lzma_lzma_preset(&options, 6);
  options.dict_size = 1U << 24;
  const std::array<lzma_filter, 2> filters = {lzma_filter{filter, &options},
                                              lzma_filter{LZMA_VLI_UNKNOWN, nullptr}};
  return decode_lzma(encoded, [&](lzma_stream& stream) { return lzma_raw_decoder(&stream, filters.data()); });
}

Bytes decode_lzma_alone(ByteView encoded) {
  return decode_lzma(encoded,
                     [](lzma_stream& stream) { return lzma_alone_decoder(&stream, limits::kXzMemoryBytes); });
}

/// Deflate without a header, or gzip: zlib.decompress(…, -15), gzip.decompress(…).
Bytes decode_deflate(ByteView encoded, int window_bits) {
  z_stream stream{};
  if (inflateInit2(&stream, window_bits) != Z_OK) fail(ErrorCode::kIo, "zlib: out of memory");
  Bytes raw(kMostBytes);
  stream.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(encoded.data()));
  stream.avail_in = static_cast<uInt>(encoded.size());
  stream.next_out = reinterpret_cast<Bytef*>(raw.data());
  stream.avail_out = static_cast<uInt>(raw.size());
  const int result = inflate(&stream, Z_FINISH);
  raw.resize(raw.size() - stream.avail_out);
  inflateEnd(&stream);
  if (result != Z_STREAM_END) {
    fail(ErrorCode::kCorruptData, fmt::format("zlib: damaged, cut short or over {} bytes", kMostBytes));
  }
  return raw;
}

Bytes decompress(std::string_view text, ByteView encoded, std::string& how) {
  const std::string what(kWhat);
  if (has(text, "FORMAT_RAW")) {
    how = "lzma (raw)";
    return decode_raw_lzma(encoded, has(text, "FILTER_LZMA1") ? LZMA_FILTER_LZMA1 : LZMA_FILTER_LZMA2);
  }
  const bool is_gzip = encoded.size() > 2 && encoded[0] == std::byte{0x1f} && encoded[1] == std::byte{0x8b};
  if (is_gzip) {
    how = "gzip";
    return decode_deflate(encoded, 16 + MAX_WBITS);
  }
  // zlib's two bytes may be anything's; the others' magic numbers are long.
  if (const auto codec = detect_codec(encoded); codec && (*codec != CodecId::kZlib || has(text, "zlib"))) {
    how = codec_row(*codec).name;
    return decode(*codec, encoded, kMostBytes, what);
  }
  if (has(text, "brotli")) {
    how = "brotli";
    return decode(CodecId::kBrotli, encoded, kMostBytes, what);
  }
  if (has(text, "zlib")) {
    how = "deflate";
    return decode_deflate(encoded, -MAX_WBITS);
  }
  if (has(text, "lzma")) {
    how = "lzma";
    return decode_lzma_alone(encoded);
  }
  fail(ErrorCode::kUnsupported, "no known codec");
}

}  // namespace

Bytes decode_base85(std::string_view text) {
  constexpr std::string_view kAlphabet =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~";
  static const std::array<int8_t, 256> digits = [&] {
    std::array<int8_t, 256> table{};
    table.fill(-1);
    for (size_t i = 0; i < kAlphabet.size(); ++i)
      table[static_cast<uint8_t>(kAlphabet[i])] = static_cast<int8_t>(i);
    return table;
  }();
  Bytes bytes;
  bytes.reserve(text.size() / 5 * 4 + 4);
  for (size_t first = 0; first < text.size(); first += 5) {
    const size_t count = std::min<size_t>(5, text.size() - first);
    uint64_t value = 0;
    for (size_t i = 0; i < 5; ++i) {
      // A short last group is filled up with the highest digit, as Python does.
      const int digit = i < count ? digits[static_cast<uint8_t>(text[first + i])] : 84;
      if (digit < 0)
        fail(ErrorCode::kCorruptData, fmt::format("base85: character {} is none of its 85", first + i));
      value = value * 85 + static_cast<uint64_t>(digit);
    }
    if (value > 0xffffffffU || count == 1) {
      fail(ErrorCode::kCorruptData, fmt::format("base85: the group at character {} is none", first));
    }
    for (size_t i = 0; i + 1 < count; ++i) bytes.push_back(static_cast<std::byte>(value >> (24 - 8 * i)));
  }
  return bytes;
}

Bytes decode_ascii85(std::string_view text) {
  if (text.starts_with("<~")) text.remove_prefix(2);  // Adobe's marks
  if (text.ends_with("~>")) text.remove_suffix(2);
  Bytes bytes;
  bytes.reserve(text.size() / 5 * 4 + 4);
  uint64_t value = 0;
  size_t count = 0;
  const auto take_group = [&](size_t take) {
    if (value > 0xffffffffU) fail(ErrorCode::kCorruptData, "ascii85: a group is none");
    for (size_t i = 0; i < take; ++i) bytes.push_back(static_cast<std::byte>(value >> (24 - 8 * i)));
    value = count = 0;
  };
  for (const char c : text) {
    if (c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == '\v') continue;
    if (c == 'z' && count == 0) {
      take_group(4);
      continue;
    }
    if (c < '!' || c > 'u') fail(ErrorCode::kCorruptData, "ascii85: a character that is none of its 85");
    value = value * 85 + static_cast<uint64_t>(c - '!');
    if (++count == 5) take_group(4);
  }
  if (count == 0) return bytes;
  // A short last group is filled up with the highest digit, as Python does.
  const size_t whole = count - 1;
  for (; count < 5; ++count) value = value * 85 + 84;
  take_group(whole);
  return bytes;
}

Bytes decode_base64(std::string_view text) {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  Bytes bytes;
  uint32_t value = 0;
  int bits = 0;
  for (const char c : text) {
    if (c == '=' || c == '\n' || c == '\r' || c == ' ' || c == '\\') continue;
    const size_t digit = kAlphabet.find(c);
    if (digit == std::string_view::npos)
      fail(ErrorCode::kCorruptData, "base64: a character that is none of its 64");
    value = ((value << 6) | static_cast<uint32_t>(digit)) & 0xffffffU;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes.push_back(static_cast<std::byte>(value >> bits));
    }
  }
  return bytes;
}

namespace {

/// How a wrapper writes bytes as text.
struct TextCode {
  std::string_view call, name;
  Bytes (*decode)(std::string_view text);
};
constexpr std::array kTextCodes = {
    TextCode{"b85decode", "base85", decode_base85},
    TextCode{"a85decode", "ascii85", decode_ascii85},
    TextCode{"b64decode", "base64", decode_base64},
};

const TextCode* text_code_of(std::string_view code) {
  const auto* found =
      std::ranges::find_if(kTextCodes, [&](const TextCode& row) { return has(code, row.call); });
  return found == kTextCodes.end() ? nullptr : &*found;
}

}  // namespace

std::optional<Unwrapped> unwrap(std::string_view text, const PythonText& python, uint64_t most_bytes) {
  const TextCode* code = text_code_of(python.code);
  if (code == nullptr || !has(python.code, "exec(") || !has(python.code, "decompress(")) return std::nullopt;
  const auto longest = std::max_element(python.literals.begin(), python.literals.end(),
                                        [](const PythonText::Literal& a, const PythonText::Literal& b) {
                                          return a.text.size() < b.text.size();
                                        });
  // Scripts that only write such a wrapper hold no long string.
  if (longest == python.literals.end() || longest->text.size() < 64 ||
      longest->text.size() * 2 < text.size()) {
    return std::nullopt;
  }
  Unwrapped result;
  result.wrapper.line = longest->line;
  try {
    const Bytes encoded = code->decode(longest->value());
    std::string codec;
    const std::string around(text.substr(0, 4096));  // imports; the call may stand behind the string
    const std::string behind(text.substr(text.size() - std::min<size_t>(text.size(), 4096)));
    if (most_bytes == 0) fail(ErrorCode::kCorruptData, "the folder's scripts before it unpack to the limit");
    const Bytes raw = decompress(around + behind, encoded, codec);
    if (raw.size() > most_bytes) {
      fail(ErrorCode::kCorruptData,
           fmt::format("unpacks to over the {} bytes that the folder's limit leaves", most_bytes));
    }
    if (raw.empty()) fail(ErrorCode::kCorruptData, "it is empty");
    result.source = std::string(as_text(raw));
    result.wrapper.how = fmt::format("{}, {}", code->name, codec);
    result.wrapper.unpacked_bytes = raw.size();
  } catch (const Error& error) {
    result.wrapper.problem = printable(error.what());
  }
  return result;
}

}  // namespace golf
