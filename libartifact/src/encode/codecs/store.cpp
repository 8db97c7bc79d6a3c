#include <algorithm>

#include "encode/codec_source.h"

namespace golf {
namespace {

Bytes store_encode(ByteView raw, const CodecSpec&, int) { return Bytes(raw.begin(), raw.end()); }

void store_decode(ByteView encoded, OutputBuffer& out, const std::string&) {
  while (!encoded.empty() && !out.full()) {
    const auto room = out.room();
    const size_t count = std::min(room.size(), encoded.size());
    std::copy_n(encoded.begin(), count, room.begin());
    out.wrote(count);
    encoded = encoded.subspan(count);
  }
}

std::string store_library() { return "store"; }

}  // namespace

extern const CodecFunctions kStoreCodec;
constexpr CodecFunctions kStoreCodec = {store_encode, store_decode, store_library};

}  // namespace golf
