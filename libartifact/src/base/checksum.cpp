#include "golf/artifact/base/checksum.h"

#include <fmt/format.h>
#include <lzma.h>

#include <array>
#include <cstring>

#include "base/sha256.h"

namespace golf {

std::string sha256_hex(ByteView bytes) {
  Sha256State state = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                       0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  const uint64_t bit_count = static_cast<uint64_t>(bytes.size()) * 8;
  const auto add = has_sha_instructions() ? add_blocks_by_instructions : add_blocks;
  const size_t at = bytes.size() / 64 * 64;
  add(state, bytes.data(), at / 64);

  // Padding: a one bit, zeros, the message's length in bits as a big-endian 64-bit number.
  std::array<std::byte, 128> tail{};
  const size_t rest = bytes.size() - at;
  if (rest > 0) std::memcpy(tail.data(), bytes.data() + at, rest);
  tail[rest] = std::byte{0x80};
  const size_t tail_size = rest < 56 ? 64 : 128;
  const uint64_t big_endian = __builtin_bswap64(bit_count);
  std::memcpy(tail.data() + tail_size - 8, &big_endian, 8);
  add(state, tail.data(), tail_size / 64);

  std::string hex;
  for (const uint32_t word : state) hex += fmt::format("{:08x}", word);
  return hex;
}

uint64_t crc64(ByteView bytes, uint64_t crc) {
  return lzma_crc64(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size(), crc);
}

Fingerprint fingerprint(const std::string& path, ByteView bytes) {
  return {path, bytes.size(), sha256_hex(bytes)};
}

Json to_json(const Fingerprint& fingerprint) {
  return Json::object(
      {{"path", fingerprint.path}, {"bytes", fingerprint.bytes}, {"sha256", fingerprint.sha256}});
}

}  // namespace golf
