#pragma once

#include <string>

#include "golf/artifact/base/bytes.h"

namespace golf {

/// SHA-256 (FIPS 180-4) of `bytes`, as 64 lower-case hexadecimal digits.
std::string sha256_hex(ByteView bytes);

}  // namespace golf
