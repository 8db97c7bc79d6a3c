#include "encode/byte_shuffle.h"

#include "golf/artifact/base/error.h"

namespace golf {
namespace {

constexpr std::string_view kMagic = "BSHF";
constexpr size_t kHeaderBytes = kMagic.size() + 1;

}  // namespace

bool is_byte_shuffled(ByteView bytes) { return as_text(bytes).starts_with(kMagic); }

Bytes shuffle_bytes(ByteView raw, int stride) {
  const auto step = static_cast<size_t>(stride);
  const ByteView magic = as_bytes(kMagic);
  Bytes shuffled(magic.begin(), magic.end());
  shuffled.reserve(kHeaderBytes + raw.size());
  shuffled.push_back(static_cast<std::byte>(stride));
  for (size_t first = 0; first < step; ++first) {
    for (size_t i = first; i < raw.size(); i += step) shuffled.push_back(raw[i]);
  }
  return shuffled;
}

UnshuffledBytes unshuffle_bytes(ByteView bytes, const std::string& what) {
  if (bytes.size() < kHeaderBytes || bytes[kMagic.size()] == std::byte{0}) {
    fail(ErrorCode::kCorruptData, what + ": a byte-shuffled stream without a stride");
  }
  UnshuffledBytes result{.stride = std::to_integer<int>(bytes[kMagic.size()])};
  const ByteView shuffled = bytes.subspan(kHeaderBytes);
  const auto step = static_cast<size_t>(result.stride);
  result.raw.resize(shuffled.size());
  size_t next = 0;
  for (size_t first = 0; first < step; ++first) {
    for (size_t i = first; i < shuffled.size(); i += step) result.raw[i] = shuffled[next++];
  }
  return result;
}

}  // namespace golf
