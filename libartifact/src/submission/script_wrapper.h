#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "golf/artifact/submission/submission_script.h"
#include "submission/python_text.h"

namespace golf {

/// What a wrapper holds.
struct Unwrapped {
  ScriptWrapper wrapper;
  std::string source = {};  ///< empty when it could not be unpacked
};

/// Unpacks `exec(CODEC.decompress(BASE.b85decode("…")))` and its kin without running anything: lzma, zlib,
/// brotli or zstd over base85, ascii85 or base64. Nothing: the text is no wrapper.
/// @param most_bytes  what it may hold
std::optional<Unwrapped> unwrap(std::string_view text, const PythonText& python, uint64_t most_bytes);

}  // namespace golf
