#pragma once

#include <string>
#include <vector>

#include "golf/artifact/base/bytes.h"

namespace golf {

/// What a program prints when `input` is its standard input. The program is looked up on PATH and started
/// directly, never through a shell; what it writes to standard error is dropped. Its input waits in a
/// temporary file without a name.
/// @param command  program and arguments
/// @param max_bytes  the program is killed when it prints more
/// @param settings  "NAME=value" for its environment, on top of this process's
/// @throws Error kUnsupported: not installed; kCorruptData "what: …": it failed or printed too much; kIo
Bytes run_filter(const std::vector<std::string>& command, ByteView input, uint64_t max_bytes,
                 const std::string& what, const std::vector<std::string>& settings = {});

}  // namespace golf
