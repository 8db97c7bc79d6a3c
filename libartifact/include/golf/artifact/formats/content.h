#pragma once

#include <optional>
#include <string>

#include "golf/artifact/base/bytes.h"
#include "golf/artifact/encode/codec.h"

namespace golf {

/// Names what a file is that no reader takes, with a remedy: "this is a gzip stream: decompress it first".
/// Nothing when the content is not known. Looks at first bytes, at the keys of JSON, and at the beginning of
/// what a compressed stream holds.
std::optional<std::string> name_content(ByteView bytes);

/// The same, or `otherwise`.
std::string describe_content(ByteView bytes, const std::string& otherwise);

/// What bytes are that came out of a compressed stream and are no torch file: "a safetensors file",
/// "Python source", "25 bytes of text", "4,096 bytes of an unknown kind".
std::string name_decompressed(ByteView bytes);

/// "a zlib stream", "an xz stream".
std::string stream_name(CodecId codec);

/// Whether the bytes are a zip archive of NumPy arrays.
bool is_npz(ByteView bytes);

}  // namespace golf
