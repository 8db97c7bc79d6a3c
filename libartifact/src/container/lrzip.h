#pragma once

#include <string>

#include "golf/artifact/base/bytes.h"

namespace golf {

// The external program lrzip, without its configuration files, of which it reads one in the current folder.

/// An lrzip stream by its strongest method (ZPAQ, -z -L 9). Its bytes depend on the machine's cores and
/// memory.
/// @throws Error kUnsupported when the program is not installed; kCorruptData when it failed
Bytes lrzip_encode(ByteView raw, const std::string& what);

/// The `expected_bytes` bytes that an lrzip stream holds. @throws Error kUnsupported when the program is not
/// installed; kCorruptData for another size and for damage
Bytes lrzip_decode(ByteView stream, uint64_t expected_bytes, const std::string& what);

}  // namespace golf
