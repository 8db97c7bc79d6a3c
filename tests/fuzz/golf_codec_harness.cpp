// Streams of codec golf. An input describes the tensors, then comes the stream: one byte, how many; for each
// a byte (bits 0 and 1: rank, bits 2 and 3: log2 of the element's bytes), then its dimensions as uint16.
#include <numeric>

#include "encode/golf/golf_codec.h"
#include "fuzz/harness.h"
#include "unit/artifact/encode/golf_streams.h"

namespace golf::fuzz {
namespace {

constexpr int kMostTensors = 16;
constexpr uint64_t kMostRawBytes = uint64_t{1} << 16;  // enough for every kind of block, and fast
constexpr uint64_t kMostReencodedBytes = 4096;
constexpr uint64_t kLevels = 9;

std::vector<StreamTensor> read_tensors(ByteReader& reader) {
  std::vector<StreamTensor> tensors(reader.read<uint8_t>() % kMostTensors);
  for (StreamTensor& tensor : tensors) {
    const auto form = reader.read<uint8_t>();
    tensor.element_bytes = uint64_t{1} << (form >> 2 & 3);
    for (int i = 0; i < (form & 3); ++i) tensor.shape.push_back(reader.read<uint16_t>());
  }
  return tensors;
}

Bytes write_input(const std::vector<StreamTensor>& tensors, ByteView stream) {
  ByteWriter writer;
  writer.write(static_cast<uint8_t>(tensors.size()));
  for (const StreamTensor& tensor : tensors) {
    int log = 0;
    while (uint64_t{1} << log < tensor.element_bytes) ++log;
    writer.write(static_cast<uint8_t>(tensor.shape.size() | static_cast<size_t>(log) << 2));
    for (const int64_t dimension : tensor.shape) writer.write(static_cast<uint16_t>(dimension));
  }
  writer.write_bytes(stream);
  return writer.take();
}

void run(ByteView input) {
  ByteReader reader(input, "fuzz");
  std::vector<StreamTensor> tensors;
  if (!accepts([&] { tensors = read_tensors(reader); })) return;
  const uint64_t raw_bytes =
      std::accumulate(tensors.begin(), tensors.end(), uint64_t{0},
                      [](uint64_t sum, const StreamTensor& tensor) { return sum + tensor.bytes(); });
  if (raw_bytes > kMostRawBytes) return;
  const ByteView stream = reader.take(reader.remaining());

  Bytes joined;
  const bool accepted = accepts([&] { joined = decode_golf_stream(tensors, stream, "fuzz"); });
  const bool has_sizes = accepts([&] { golf_tensor_bytes(tensors, stream, "fuzz"); });
  if (!accepted) return;
  expect(has_sizes, "what decodes has sizes");
  expect(joined.size() == raw_bytes, "the stream decodes to its tensors' bytes");
  if (raw_bytes > kMostReencodedBytes) return;
  const Bytes again = encode_golf_stream(tensors, joined, static_cast<int>(1 + stream.size() % kLevels));
  expect(decode_golf_stream(tensors, again, "fuzz") == joined, "decoded values survive another round trip");
}

std::vector<Bytes> seeds() {
  std::vector<Bytes> all;
  const auto add = [&](const test::GolfStream& stream) {
    for (const int level : {1, 2, 3, 4, 6, 9}) {
      all.push_back(write_input(stream.tensors, encode_golf_stream(stream.tensors, stream.joined, level)));
    }
  };
  add(test::mixed_stream());
  const auto add_int8 = [&](int64_t rows, int64_t columns, const std::vector<int>& values) {
    test::GolfStream stream;
    test::add_int8(stream, {rows, columns}, values);
    add(stream);
  };
  add_int8(12, 16, test::scaled_tensor(12, 16, 8, 11));
  add_int8(64, 8, test::correlated_tensor(64, 8, 12));
  add_int8(24, 20, test::absmax_tensor(24, 20, 31, 13));
  add_int8(40, 40, std::vector<int>(1600, 0));
  for (const uint64_t width : {2, 4, 8}) {
    test::GolfStream stream;
    test::add_words(stream, width, 30, static_cast<unsigned>(width));
    add(stream);
  }
  return all;
}

}  // namespace

const Harness kGolfCodec = {.name = "golf_codec", .run = run, .seeds = seeds};

}  // namespace golf::fuzz
