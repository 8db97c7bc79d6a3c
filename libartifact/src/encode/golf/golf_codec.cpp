#include "encode/golf/golf_codec.h"

#include <algorithm>
#include <numeric>

#include "encode/codecs.h"
#include "encode/golf/range_coder.h"
#include "encode/golf/static_coder.h"
#include "golf/artifact/base/checked_math.h"

namespace golf {
namespace {

constexpr uint8_t kStaticMethod = 1;

/// A stream's first bytes: method, lanes, sizes of the members.
struct Frame {
  StaticStream sizes;
  ByteView side;
  ByteView lanes;
};

Frame read_frame(std::span<const PlaneMember> members, ByteView encoded, const std::string& what) {
  ByteReader reader(encoded, what + ": the golf stream is damaged or truncated");
  Frame frame;
  const auto method = reader.read<uint8_t>();
  if (method != kStaticMethod) fail_damaged(what, "golf", "its method is not known to this version");
  frame.sizes.lane_log = reader.read<uint8_t>();
  if (frame.sizes.lane_log > kMaxBlockLog) fail_damaged(what, "golf", "it has too many lanes");
  uint64_t side_bytes = RangeDecoder::kTailBytes;
  uint64_t words = 0;
  bool has_planes = false;
  for (const PlaneMember& member : members) {
    frame.sizes.side_bytes.push_back(reader.read_varint());
    side_bytes = add_or_fail(side_bytes, frame.sizes.side_bytes.back(), what);
    frame.sizes.words.push_back(is_plane(member) ? reader.read_varint() : 0);
    words = add_or_fail(words, frame.sizes.words.back(), what);
    has_planes = has_planes || is_plane(member);
  }
  frame.side = reader.take(side_bytes);
  const uint64_t lane_bytes =
      has_planes ? add_or_fail(uint64_t{4} << frame.sizes.lane_log, mul_or_fail(2, words, what), what) : 0;
  frame.lanes = reader.take(lane_bytes);
  if (reader.remaining() != 0) fail_trailing(what, "golf", reader.remaining());
  return frame;
}

}  // namespace

bool may_expand(uint64_t encoded_bytes, uint64_t raw_bytes) {
  return raw_bytes <= (uint64_t{1} << 20) + 1024 * encoded_bytes;
}

Bytes encode_members(std::span<const PlaneMember> members, ByteView joined, int effort) {
  const StaticStream stream = encode_static(members, joined, effort);
  ByteWriter writer;
  writer.write_varint(kStaticMethod);
  writer.write_varint(static_cast<uint64_t>(stream.lane_log));
  for (size_t i = 0; i < members.size(); ++i) {
    writer.write_varint(stream.side_bytes[i]);
    if (is_plane(members[i])) writer.write_varint(stream.words[i]);
  }
  writer.write_bytes(stream.side);
  writer.write_bytes(stream.lanes);
  return writer.take();
}

Bytes decode_members(std::span<const PlaneMember> members, ByteView encoded, const std::string& what) {
  const Frame frame = read_frame(members, encoded, what);
  const uint64_t raw_bytes =
      std::accumulate(members.begin(), members.end(), uint64_t{0},
                      [](uint64_t sum, const PlaneMember& member) { return sum + member.bytes(); });
  if (!may_expand(encoded.size(), raw_bytes)) {
    fail_damaged(what, "golf", "it is too short for what it should hold");
  }
  Bytes joined(raw_bytes);
  decode_static(members, frame.sizes, frame.side, frame.lanes, what, joined);
  return joined;
}

std::vector<uint64_t> encoded_member_bytes(std::span<const PlaneMember> members, ByteView encoded,
                                           const std::string& what) {
  const Frame frame = read_frame(members, encoded, what);
  std::vector<uint64_t> bytes(members.size());
  for (size_t i = 0; i < members.size(); ++i) bytes[i] = frame.sizes.side_bytes[i] + 2 * frame.sizes.words[i];
  return bytes;
}

std::string golf_library() { return "golf 1"; }

}  // namespace golf
