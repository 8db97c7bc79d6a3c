#pragma once

#include <string>

#include "encode/output_buffer.h"
#include "golf/artifact/encode/codec.h"

/// The codecs' own functions; codec_table.cpp lists them, each codec has one file.
namespace golf {

Bytes store_encode(ByteView raw, const CodecSpec& spec);
void store_decode(ByteView encoded, OutputBuffer& out, const std::string& what);
std::string store_library();

Bytes zlib_encode(ByteView raw, const CodecSpec& spec);
void zlib_decode(ByteView encoded, OutputBuffer& out, const std::string& what);
std::string zlib_library();

Bytes zstd_encode(ByteView raw, const CodecSpec& spec);
void zstd_decode(ByteView encoded, OutputBuffer& out, const std::string& what);
std::string zstd_library();

Bytes lzma_encode(ByteView raw, const CodecSpec& spec);
void lzma_decode(ByteView encoded, OutputBuffer& out, const std::string& what);
/// Also several xz streams one after the other, and the older .lzma format.
void lzma_decode_any(ByteView encoded, OutputBuffer& out, const std::string& what);
/// The older .lzma format, level 9e: the least bytes around a short text.
Bytes lzma_alone_encode(ByteView raw);
std::string lzma_library();

Bytes brotli_encode(ByteView raw, const CodecSpec& spec);
void brotli_decode(ByteView encoded, OutputBuffer& out, const std::string& what);
std::string brotli_library();

/// The three ways in which every codec's input is refused; `codec` is its name in messages.
[[noreturn]] void fail_damaged(const std::string& what, std::string_view codec, std::string_view reason);
[[noreturn]] void fail_truncated(const std::string& what, std::string_view codec);
[[noreturn]] void fail_trailing(const std::string& what, std::string_view codec, uint64_t bytes);

}  // namespace golf
