#include "base/crc64.h"

#include <lzma.h>

namespace golf {

uint64_t crc64(ByteView bytes, uint64_t crc) {
  return lzma_crc64(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size(), crc);
}

}  // namespace golf
