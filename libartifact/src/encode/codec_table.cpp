#include <array>

#include "encode/codec_source.h"
#include "encode/golf/compression_levels.h"
#include "encode/golf/golf_codec.h"

namespace golf {

// Each is defined in the codec's source.
extern const CodecFunctions kStoreCodec, kZlibCodec, kZstdCodec, kXzCodec, kBrotliCodec;

namespace {

using namespace std::string_view_literals;

/// Codec golf has no functions for plain bytes: it codes a .golf stream knowing the shapes of its tensors.
constexpr CodecFunctions kGolfCodec = {.library_version = golf_library};

/// To add a codec: its source, codecs/NAME.cpp, and its row here. Ids are stored in .golf files and never
/// reused.
constexpr std::array kTable = {
    CodecRow{.id = CodecId::kStore, .name = "store", .functions = &kStoreCodec},
    CodecRow{.id = CodecId::kZlib,
             .name = "zlib",
             .min_level = 1,
             .max_level = 9,
             .default_level = 9,
             .compared = {"zlib:9"},
             .functions = &kZlibCodec},
    CodecRow{.id = CodecId::kZstd,
             .name = "zstd",
             .min_level = 1,
             .max_level = 22,
             .default_level = 22,
             .magic = "\x28\xb5\x2f\xfd"sv,
             .limit = {"zstd window", uint64_t{1} << limits::kZstdWindowLog, "bytes"},
             .compared = {"zstd:22"},
             .functions = &kZstdCodec},
    CodecRow{.id = CodecId::kLzma,
             .name = "lzma",
             .min_level = 0,
             .max_level = 9,
             .default_level = 9,
             .has_extreme = true,
             .magic = "\xfd\x37zXZ\0"sv,
             .limit = {"xz memory", limits::kXzMemoryBytes, "bytes"},
             .compared = {"lzma:9e"},
             .functions = &kXzCodec},
    CodecRow{.id = CodecId::kBrotli,
             .name = "brotli",
             .min_level = 0,
             .max_level = 11,
             .default_level = 11,
             .limit = {"brotli window", uint64_t{1} << limits::kBrotliWindowLog, "bytes"},
             .compared = {"brotli:11"},
             .functions = &kBrotliCodec},
    CodecRow{.id = CodecId::kGolf,
             .name = "golf",
             .min_level = kMinCompressionLevel,
             .max_level = kMaxCompressionLevel,
             .default_level = kMaxCompressionLevel,
             .compared = {"golf:2", "golf:3", "golf:9"},
             .functions = &kGolfCodec},
};

}  // namespace

std::span<const CodecRow> codec_table() { return kTable; }

}  // namespace golf
