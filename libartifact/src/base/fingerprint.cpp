#include "golf/artifact/base/fingerprint.h"

#include "golf/artifact/base/sha256.h"

namespace golf {

Fingerprint fingerprint(const std::string& path, ByteView bytes) {
  return {path, bytes.size(), sha256_hex(bytes)};
}

Json to_json(const Fingerprint& fingerprint) {
  return Json::object(
      {{"path", fingerprint.path}, {"bytes", fingerprint.bytes}, {"sha256", fingerprint.sha256}});
}

}  // namespace golf
