#include <brotli/decode.h>
#include <brotli/encode.h>
#include <fmt/format.h>

#include <bit>
#include <memory>

#include "encode/codec_source.h"
#include "golf/artifact/base/error.h"

namespace golf {
namespace {

/// Of the largest window that a stream may ask for.
int window_log() { return std::countr_zero(codec_row(CodecId::kBrotli).limit.value); }

Bytes brotli_encode(ByteView raw, const CodecSpec& spec) {
  size_t size = BrotliEncoderMaxCompressedSize(raw.size());
  Bytes encoded(size);
  const BROTLI_BOOL done = BrotliEncoderCompress(spec.level, window_log(), BROTLI_MODE_GENERIC, raw.size(),
                                                 reinterpret_cast<const uint8_t*>(raw.data()), &size,
                                                 reinterpret_cast<uint8_t*>(encoded.data()));
  if (done == BROTLI_FALSE) fail(ErrorCode::kIo, "brotli: encoding failed");
  encoded.resize(size);
  return encoded;
}

void brotli_decode(ByteView encoded, OutputBuffer& out, const std::string& what) {
  // Without the large-window parameter the decoder refuses windows over 2^24.
  const std::unique_ptr<BrotliDecoderState, void (*)(BrotliDecoderState*)> state(
      BrotliDecoderCreateInstance(nullptr, nullptr, nullptr), BrotliDecoderDestroyInstance);
  if (!state) fail(ErrorCode::kIo, "brotli: out of memory");
  const auto* next_in = reinterpret_cast<const uint8_t*>(encoded.data());
  size_t available_in = encoded.size();
  BrotliDecoderResult result = BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT;
  while (result != BROTLI_DECODER_RESULT_SUCCESS) {
    const auto room = out.room();
    auto* next_out = reinterpret_cast<uint8_t*>(room.data());
    size_t available_out = room.size();
    result = BrotliDecoderDecompressStream(state.get(), &available_in, &next_in, &available_out, &next_out,
                                           nullptr);
    out.wrote(room.size() - available_out);
    if (out.full()) return;
    if (result == BROTLI_DECODER_RESULT_NEEDS_MORE_INPUT) fail_truncated(what, "brotli");
    if (result == BROTLI_DECODER_RESULT_ERROR) {
      fail_damaged(what, "brotli", BrotliDecoderErrorString(BrotliDecoderGetErrorCode(state.get())));
    }
  }
  if (available_in != 0) fail_trailing(what, "brotli", available_in);
}

std::string brotli_library() {
  const uint32_t version = BrotliEncoderVersion();
  return fmt::format("brotli {}.{}.{}", version >> 24, (version >> 12) & 0xfffU, version & 0xfffU);
}

}  // namespace

extern const CodecFunctions kBrotliCodec;
constexpr CodecFunctions kBrotliCodec = {brotli_encode, brotli_decode, brotli_library};

}  // namespace golf
