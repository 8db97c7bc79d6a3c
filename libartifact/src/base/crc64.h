#pragma once

#include <cstdint>

#include "golf/artifact/base/bytes.h"

namespace golf {

/// CRC-64/XZ (ECMA-182 polynomial, reflected), as liblzma computes it. `crc` continues an earlier one.
uint64_t crc64(ByteView bytes, uint64_t crc = 0);

}  // namespace golf
