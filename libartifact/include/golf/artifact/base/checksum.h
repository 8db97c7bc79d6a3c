#pragma once

#include <cstdint>
#include <string>

#include "golf/artifact/base/bytes.h"
#include "golf/artifact/base/file.h"
#include "golf/artifact/base/json.h"

namespace golf {

/// SHA-256 (FIPS 180-4) of `bytes`, as 64 lower-case hexadecimal digits.
std::string sha256_hex(ByteView bytes);

/// CRC-64/XZ (ECMA-182 polynomial, reflected), as liblzma computes it. `crc` continues an earlier one.
uint64_t crc64(ByteView bytes, uint64_t crc = 0);

/// A file by its content.
struct Fingerprint {
  std::string path;
  uint64_t bytes = 0;
  std::string sha256;
};
Fingerprint fingerprint(const std::string& path, ByteView bytes);
/// {"path", "bytes", "sha256"}.
Json to_json(const Fingerprint& fingerprint);

}  // namespace golf
