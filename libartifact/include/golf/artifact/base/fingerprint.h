#pragma once

#include <cstdint>
#include <string>

#include "golf/artifact/base/bytes.h"
#include "golf/artifact/base/file.h"
#include "golf/artifact/base/json.h"

namespace golf {

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
