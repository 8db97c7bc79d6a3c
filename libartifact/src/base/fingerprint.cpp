#include "golf/artifact/base/fingerprint.h"

#include "golf/artifact/base/file.h"
#include "golf/artifact/base/sha256.h"

namespace golf {

Fingerprint fingerprint(const std::string& path, ByteView bytes) {
  return {path, bytes.size(), sha256_hex(bytes)};
}

Json to_json(const Fingerprint& fingerprint) {
  return Json::object(
      {{"path", fingerprint.path}, {"bytes", fingerprint.bytes}, {"sha256", fingerprint.sha256}});
}

std::string display_name(const std::string& path) { return path == "-" ? "standard input" : printable(path); }

}  // namespace golf
