#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "golf/artifact/base/bytes.h"
#include "golf/artifact/base/limits.h"
#include "golf/artifact/base/text.h"

namespace golf {

/// Reads a regular file, a pipe, or standard input when `path` is "-", whole.
/// Directories, sockets and devices are refused without blocking. Memory grows with what really arrives.
/// @throws Error kInvalidArgument (no such file, wrong kind, over `max_bytes`), kIo (read failed)
Bytes read_file(const std::string& path, uint64_t max_bytes = limits::kFileBytes);

/// Writes `path` whole or not at all: temporary file in the same folder, fsync, rename. "-" is standard
/// output. The file's mode follows the umask. @throws Error kIo, naming the path; no temporary file is left.
void write_file_atomic(const std::string& path, ByteView bytes);

/// Paths matching a shell glob, sorted as strings; a path that exists or has no wildcard is returned as it
/// is.
/// @throws Error kInvalidArgument when nothing matches
std::vector<std::string> expand_glob(const std::string& pattern);

/// What messages call a path: "standard input" for "-", else the path, printable.
std::string display_name(const std::string& path);

}  // namespace golf
