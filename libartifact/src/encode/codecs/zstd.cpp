#include <fmt/format.h>
#include <zstd.h>

#include <bit>
#include <memory>

#include "encode/codec_source.h"
#include "golf/artifact/base/error.h"

namespace golf {
namespace {

/// Of the largest window that a stream may ask for.
int window_log() { return std::countr_zero(codec_row(CodecId::kZstd).limit.value); }

Bytes zstd_encode(ByteView raw, const CodecSpec& spec, int) {
  // One frame with the content size in its header and no checksum, as Python's zstandard writes it.
  const std::unique_ptr<ZSTD_CCtx, size_t (*)(ZSTD_CCtx*)> context(ZSTD_createCCtx(), ZSTD_freeCCtx);
  if (!context) fail(ErrorCode::kIo, "zstd: out of memory");
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_compressionLevel, spec.level);
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_contentSizeFlag, 1);
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_checksumFlag, 0);
  Bytes encoded(ZSTD_compressBound(raw.size()));
  const size_t size = ZSTD_compress2(context.get(), encoded.data(), encoded.size(), raw.data(), raw.size());
  if (ZSTD_isError(size) != 0) {
    fail(ErrorCode::kIo, fmt::format("zstd: encoding failed: {}", ZSTD_getErrorName(size)));
  }
  encoded.resize(size);
  return encoded;
}

void zstd_decode(ByteView encoded, OutputBuffer& out, const std::string& what) {
  // Skippable frames decode to nothing: bytes that no reader would use.
  if (!encoded.empty() && detect_codec(encoded) != CodecId::kZstd) {
    fail_damaged(what, "zstd", "no frame header");
  }
  const std::unique_ptr<ZSTD_DCtx, size_t (*)(ZSTD_DCtx*)> context(ZSTD_createDCtx(), ZSTD_freeDCtx);
  if (!context) fail(ErrorCode::kIo, "zstd: out of memory");
  ZSTD_DCtx_setParameter(context.get(), ZSTD_d_windowLogMax, window_log());
  ZSTD_inBuffer input{encoded.data(), encoded.size(), 0};
  size_t hint = 1;  // 0 when the frame is complete and flushed
  while (hint != 0) {
    const auto room = out.room();
    ZSTD_outBuffer output{room.data(), room.size(), 0};
    const size_t consumed_before = input.pos;
    hint = ZSTD_decompressStream(context.get(), &output, &input);
    if (ZSTD_isError(hint) != 0) fail_damaged(what, "zstd", ZSTD_getErrorName(hint));
    out.wrote(output.pos);
    if (out.full()) return;
    if (hint != 0 && output.pos == 0 && input.pos == consumed_before) fail_truncated(what, "zstd");
  }
  if (input.pos != input.size) fail_trailing(what, "zstd", input.size - input.pos);
}

std::string zstd_library() { return fmt::format("zstd {}", ZSTD_versionString()); }

}  // namespace

extern const CodecFunctions kZstdCodec;
constexpr CodecFunctions kZstdCodec = {zstd_encode, zstd_decode, zstd_library};

}  // namespace golf
