#include "encode/golf/golf_codec.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "encode/codec_source.h"
#include "encode/golf/entropy_coders.h"
#include "encode/golf/stream_coder.h"
#include "encode/golf/tensor_model.h"
#include "golf/artifact/base/bytes.h"

namespace golf {
namespace {

/// A stream's first bytes: method, lanes, sizes of the tensors.
struct Frame {
  CodedStream sizes;
  ByteView side;
  ByteView lanes;
};

Frame read_frame(std::span<const StreamTensor> tensors, ByteView encoded, const std::string& what) {
  ByteReader reader(encoded, what + ": the golf stream is damaged or truncated");
  Frame frame;
  const auto method = reader.read<uint8_t>();
  if (method < kFirstMethod || method > kMethod) {
    fail_damaged(what, "golf", "its method is not known to this version");
  }
  frame.sizes.method = method;
  frame.sizes.lane_log = reader.read<uint8_t>();
  if (frame.sizes.lane_log > kMaxBlockLog) fail_damaged(what, "golf", "it has too many lanes");
  uint64_t side_bytes = RangeDecoder::kTailBytes;
  uint64_t words = 0;
  bool has_int8 = false;
  for (const StreamTensor& tensor : tensors) {
    frame.sizes.side_bytes.push_back(reader.read_varint());
    side_bytes = add_or_fail(side_bytes, frame.sizes.side_bytes.back(), what);
    frame.sizes.words.push_back(is_int8(tensor) ? reader.read_varint() : 0);
    words = add_or_fail(words, frame.sizes.words.back(), what);
    has_int8 = has_int8 || is_int8(tensor);
  }
  frame.side = reader.take(side_bytes);
  const uint64_t lane_bytes = has_int8 ? add_or_fail(lane_form(method).state_bytes << frame.sizes.lane_log,
                                                     mul_or_fail(2, words, what), what)
                                       : 0;
  frame.lanes = reader.take(lane_bytes);
  if (reader.remaining() != 0) fail_trailing(what, "golf", reader.remaining());
  return frame;
}

}  // namespace

bool may_expand(uint64_t encoded_bytes, uint64_t raw_bytes) {
  return raw_bytes <= (uint64_t{1} << 20) + 1024 * encoded_bytes;
}

Bytes encode_golf_stream(std::span<const StreamTensor> tensors, ByteView joined, int level) {
  const CodedStream stream = encode_tensors(tensors, joined, level);
  ByteWriter writer;
  writer.write_varint(static_cast<uint64_t>(stream.method));
  writer.write_varint(static_cast<uint64_t>(stream.lane_log));
  for (size_t i = 0; i < tensors.size(); ++i) {
    writer.write_varint(stream.side_bytes[i]);
    if (is_int8(tensors[i])) writer.write_varint(stream.words[i]);
  }
  writer.write_bytes(stream.side);
  writer.write_bytes(stream.lanes);
  return writer.take();
}

Bytes decode_golf_stream(std::span<const StreamTensor> tensors, ByteView encoded, const std::string& what) {
  const Frame frame = read_frame(tensors, encoded, what);
  const uint64_t raw_bytes =
      std::accumulate(tensors.begin(), tensors.end(), uint64_t{0},
                      [](uint64_t sum, const StreamTensor& tensor) { return sum + tensor.bytes(); });
  if (!may_expand(encoded.size(), raw_bytes)) {
    fail_damaged(what, "golf", "it is too short for what it should hold");
  }
  Bytes joined(raw_bytes);
  decode_tensors(tensors, frame.sizes, frame.side, frame.lanes, what, joined);
  return joined;
}

std::vector<uint64_t> golf_tensor_bytes(std::span<const StreamTensor> tensors, ByteView encoded,
                                        const std::string& what) {
  const Frame frame = read_frame(tensors, encoded, what);
  std::vector<uint64_t> bytes(tensors.size());
  for (size_t i = 0; i < tensors.size(); ++i) bytes[i] = frame.sizes.side_bytes[i] + 2 * frame.sizes.words[i];
  return bytes;
}

std::string golf_library() { return fmt::format("golf {}", kMethod); }

}  // namespace golf
