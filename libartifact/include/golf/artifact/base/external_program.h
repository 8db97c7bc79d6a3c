#pragma once

#include <optional>
#include <string>
#include <vector>

#include "golf/artifact/base/bytes.h"

namespace golf {

/// What a program left behind.
struct ProgramResult {
  std::optional<int> status = {};  ///< its exit status; nothing when a signal ended it
  Bytes output = {};
  std::string messages = {};  ///< the last of what it wrote to standard error, at most 4 kB
};

/// Runs a program with `input` as its standard input to its end. It is looked up on PATH, unless its name has
/// a slash, and started directly, never through a shell. Its input and its messages lie in temporary files
/// without a name: nothing is left behind, however this process ends.
/// @param command  program and arguments
/// @param max_bytes  the program is killed when it prints more
/// @param settings  "NAME=value" for its environment, on top of this process's
/// @throws Error kUnsupported: not installed; kCorruptData: it printed too much; kIo
ProgramResult run_program(const std::vector<std::string>& command, ByteView input, uint64_t max_bytes,
                          const std::vector<std::string>& settings = {});

/// What a program prints, as run_program() runs it; its messages are dropped.
/// @throws Error "what: …" as run_program() does, and kCorruptData when it failed
Bytes run_filter(const std::vector<std::string>& command, ByteView input, uint64_t max_bytes,
                 const std::string& what, const std::vector<std::string>& settings = {});

}  // namespace golf
