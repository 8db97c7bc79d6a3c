#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <limits>

#include "encode/codec_source.h"
#include "golf/artifact/base/error.h"

namespace golf {
namespace {

constexpr uint64_t kMaxChunk = std::numeric_limits<uInt>::max();

// zlib's interface predates const.
Bytef* input_pointer(ByteView bytes) {
  return const_cast<Bytef*>(reinterpret_cast<const Bytef*>(bytes.data()));
}

/// Ends the stream on every way out.
struct Inflater {
  z_stream stream{};
  Inflater() {
    if (inflateInit(&stream) != Z_OK) fail(ErrorCode::kIo, "zlib: out of memory");
  }
  ~Inflater() { inflateEnd(&stream); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
};

Bytes zlib_encode(ByteView raw, const CodecSpec& spec, int) {
  uLongf size = compressBound(raw.size());
  Bytes encoded(size);
  const int result =
      compress2(reinterpret_cast<Bytef*>(encoded.data()), &size, input_pointer(raw), raw.size(), spec.level);
  if (result != Z_OK) fail(ErrorCode::kIo, fmt::format("zlib: encoding failed with code {}", result));
  encoded.resize(size);
  return encoded;
}

void zlib_decode(ByteView encoded, OutputBuffer& out, const std::string& what) {
  Inflater inflater;
  z_stream& stream = inflater.stream;
  int result = Z_OK;
  while (result != Z_STREAM_END) {
    const auto room = out.room();
    const auto chunk = static_cast<uInt>(std::min<uint64_t>(room.size(), kMaxChunk));
    const auto input = static_cast<uInt>(std::min<uint64_t>(encoded.size(), kMaxChunk));
    stream.next_in = input_pointer(encoded);
    stream.avail_in = input;
    stream.next_out = reinterpret_cast<Bytef*>(room.data());
    stream.avail_out = chunk;
    result = inflate(&stream, Z_NO_FLUSH);
    const uInt consumed = input - stream.avail_in;
    const uInt produced = chunk - stream.avail_out;
    encoded = encoded.subspan(consumed);
    out.wrote(produced);
    if (out.full()) return;
    if (result == Z_BUF_ERROR || (result == Z_OK && consumed == 0 && produced == 0)) {
      fail_truncated(what, "zlib");
    }
    if (result != Z_OK && result != Z_STREAM_END) {
      fail_damaged(what, "zlib", stream.msg != nullptr ? stream.msg : "unusable header");
    }
  }
  if (!encoded.empty()) fail_trailing(what, "zlib", encoded.size());
}

std::string zlib_library() { return fmt::format("zlib {}", ::zlibVersion()); }

/// RFC 1950: method 8, window at most 32 KiB, no preset dictionary, header divisible by 31.
bool zlib_recognizes(ByteView bytes) {
  if (bytes.size() < 2) return false;
  const auto method = std::to_integer<unsigned>(bytes[0]);
  const auto flags = std::to_integer<unsigned>(bytes[1]);
  return (method & 0x0fU) == 8 && method <= 0x78 && (flags & 0x20U) == 0 && (method * 256 + flags) % 31 == 0;
}

}  // namespace

extern const CodecFunctions kZlibCodec;
constexpr CodecFunctions kZlibCodec = {zlib_encode, zlib_decode, zlib_library, zlib_recognizes};

}  // namespace golf
