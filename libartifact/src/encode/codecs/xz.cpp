#include <fmt/format.h>
#include <lzma.h>

#include <algorithm>
#include <array>
#include <bit>

#include "encode/codec_source.h"
#include "golf/artifact/base/error.h"

namespace golf {
namespace {

/// Ends the stream on every way out.
struct LzmaStream {
  lzma_stream stream = LZMA_STREAM_INIT;
  LzmaStream() = default;
  ~LzmaStream() { lzma_end(&stream); }
  LzmaStream(const LzmaStream&) = delete;
  LzmaStream& operator=(const LzmaStream&) = delete;
};

std::string_view reason(lzma_ret result) {
  switch (result) {
    case LZMA_FORMAT_ERROR:
      return "not the xz format";
    case LZMA_OPTIONS_ERROR:
      return "options that liblzma does not support";
    case LZMA_UNSUPPORTED_CHECK:
      return "an integrity check that liblzma does not support";
    case LZMA_DATA_ERROR:
      return "corrupt data";
    case LZMA_MEMLIMIT_ERROR:
      return "it asks for more memory than is allowed";
    case LZMA_MEM_ERROR:
      return "out of memory";
    default:
      return "unexpected state";
  }
}

void run_decoder(lzma_stream& stream, ByteView encoded, OutputBuffer& out, const std::string& what) {
  stream.next_in = reinterpret_cast<const uint8_t*>(encoded.data());
  stream.avail_in = encoded.size();
  lzma_ret result = LZMA_OK;
  while (result != LZMA_STREAM_END) {
    const auto room = out.room();
    stream.next_out = reinterpret_cast<uint8_t*>(room.data());
    stream.avail_out = room.size();
    result = lzma_code(&stream, LZMA_FINISH);
    out.wrote(room.size() - stream.avail_out);
    if (out.full()) return;
    if (result == LZMA_BUF_ERROR) fail_truncated(what, "xz");
    if (result != LZMA_OK && result != LZMA_STREAM_END) fail_damaged(what, "xz", reason(result));
  }
  if (stream.avail_in != 0) fail_trailing(what, "xz", stream.avail_in);
}

/// `result`: of making the encoder.
Bytes run_encoder(lzma_stream& stream, lzma_ret result, ByteView raw) {
  Bytes encoded(lzma_stream_buffer_bound(raw.size()));
  if (result == LZMA_OK) {
    stream.next_in = reinterpret_cast<const uint8_t*>(raw.data());
    stream.avail_in = raw.size();
    stream.next_out = reinterpret_cast<uint8_t*>(encoded.data());
    stream.avail_out = encoded.size();
    result = lzma_code(&stream, LZMA_FINISH);
  }
  if (result != LZMA_STREAM_END) {
    fail(ErrorCode::kIo, fmt::format("lzma: encoding failed: {}", reason(result)));
  }
  encoded.resize(stream.total_out);
  return encoded;
}

Bytes lzma_encode(ByteView raw, const CodecSpec& spec, int) {
  lzma_options_lzma options;
  const uint32_t preset =
      static_cast<uint32_t>(spec.level) | (spec.extreme ? LZMA_PRESET_EXTREME : uint32_t{0});
  if (lzma_lzma_preset(&options, preset) != 0) fail(ErrorCode::kInvalidArgument, "lzma: no such preset");
  // A dictionary longer than the data buys nothing and costs the encoder eleven times its size in memory.
  const auto needed = static_cast<uint32_t>(std::min<uint64_t>(raw.size(), options.dict_size));
  options.dict_size = std::min(options.dict_size, std::max(std::bit_ceil(needed), uint32_t{1} << 16));
  const std::array<lzma_filter, 2> filters = {{{LZMA_FILTER_LZMA2, &options}, {LZMA_VLI_UNKNOWN, nullptr}}};

  // Not lzma_stream_buffer_encode: that writes sizes into the block's header, eight bytes that no reader
  // needs and that Python's lzma module does not write.
  LzmaStream lzma;
  return run_encoder(lzma.stream, lzma_stream_encoder(&lzma.stream, filters.data(), LZMA_CHECK_CRC64), raw);
}

void lzma_decode(ByteView encoded, OutputBuffer& out, const std::string& what) {
  LzmaStream lzma;
  if (lzma_stream_decoder(&lzma.stream, codec_row(CodecId::kLzma).limit.value, LZMA_TELL_UNSUPPORTED_CHECK) !=
      LZMA_OK) {
    fail(ErrorCode::kIo, "lzma: out of memory");
  }
  run_decoder(lzma.stream, encoded, out, what);
}

std::string lzma_library() { return fmt::format("liblzma {}", lzma_version_string()); }

}  // namespace

Bytes lzma_alone_encode(ByteView raw) {
  lzma_options_lzma options;
  if (lzma_lzma_preset(&options, 9 | LZMA_PRESET_EXTREME) != 0) {
    fail(ErrorCode::kInvalidArgument, "lzma: no such preset");
  }
  options.dict_size = uint32_t{1} << 16;
  options.pb = 0;  // text is not aligned
  LzmaStream lzma;
  return run_encoder(lzma.stream, lzma_alone_encoder(&lzma.stream, &options), raw);
}

void lzma_decode_any(ByteView encoded, OutputBuffer& out, const std::string& what) {
  LzmaStream lzma;
  if (lzma_auto_decoder(&lzma.stream, codec_row(CodecId::kLzma).limit.value,
                        LZMA_TELL_UNSUPPORTED_CHECK | LZMA_CONCATENATED) != LZMA_OK) {
    fail(ErrorCode::kIo, "lzma: out of memory");
  }
  run_decoder(lzma.stream, encoded, out, what);
}

extern const CodecFunctions kXzCodec;
constexpr CodecFunctions kXzCodec = {lzma_encode, lzma_decode, lzma_library};

}  // namespace golf
