#include "container/golf_streams.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "encode/golf/compression_levels.h"
#include "encode/golf/golf_codec.h"
#include "golf/artifact/base/checksum.h"

namespace golf {
namespace {

constexpr uint64_t kStreamBytes = uint64_t{4} << 20;
/// How much of a stream is tried in each plane order before the whole is encoded in the better one.
constexpr uint64_t kSampleBytes = uint64_t{512} << 10;
constexpr CodecSpec kFallbackCodec{.id = CodecId::kBrotli, .level = 11, .extreme = false};

/// Bytes of one kind compress best side by side.
struct StreamKind {
  bool scales = false;
  DType dtype = DType::kI8;
  int bits = 0;
  auto operator<=>(const StreamKind&) const = default;
};

class StreamPlanner {
 public:
  explicit StreamPlanner(uint64_t stream_bytes) : stream_bytes_(stream_bytes) {}

  uint64_t place(const StreamKind& kind, uint64_t bytes) {
    const auto [found, is_new] = open_.try_emplace(kind);
    Open& open = found->second;
    if (is_new || (open.bytes > 0 && open.bytes + bytes > stream_bytes_)) open = {next_++, 0};
    open.bytes += bytes;
    return open.stream;
  }

 private:
  struct Open {
    uint64_t stream = 0;
    uint64_t bytes = 0;
  };
  uint64_t stream_bytes_;
  std::map<StreamKind, Open> open_;
  uint64_t next_ = 0;
};

const Tensor& part_tensor(const StoredModel& model, const StreamPart& part) {
  const StoredTensor& tensor = model.tensors[part.tensor];
  return part.scales ? tensor.scales : tensor.values;
}

/// The first tensors of a stream, the last of them cut at a row, together at most kSampleBytes or one row
/// more.
struct Sample {
  std::vector<StreamTensor> tensors;
  uint64_t bytes = 0;
};

Sample take_sample(std::span<const StreamTensor> tensors) {
  Sample sample;
  for (const StreamTensor& tensor : tensors) {
    if (sample.bytes >= kSampleBytes) break;
    StreamTensor taken = tensor;
    const uint64_t bytes = tensor.bytes();
    const uint64_t left = kSampleBytes - sample.bytes;
    if (bytes > left && !tensor.shape.empty()) {
      const uint64_t row_bytes = bytes / static_cast<uint64_t>(tensor.shape[0]);
      taken.shape[0] = static_cast<int64_t>((left + row_bytes - 1) / row_bytes);
    }
    sample.bytes += taken.bytes();
    sample.tensors.push_back(std::move(taken));
  }
  return sample;
}

std::vector<PlaneOrder> candidate_orders(std::span<const StreamTensor> tensors) {
  std::vector<PlaneOrder> orders = {PlaneOrder::kAsIs};
  const bool one_byte = order_applies(PlaneOrder::kTransposed, tensors);
  const auto is_matrix = [](const StreamTensor& tensor) { return tensor.shape.size() == 2; };
  if (one_byte && std::any_of(tensors.begin(), tensors.end(), is_matrix)) {
    orders.push_back(PlaneOrder::kTransposed);
  }
  if (!one_byte && order_applies(PlaneOrder::kBytePlanes, tensors)) orders.push_back(PlaneOrder::kBytePlanes);
  return orders;
}

struct Choice {
  PlaneOrder order = PlaneOrder::kAsIs;
  Bytes encoded;
};

/// The order with the fewest bytes; the earlier one on ties.
Choice encode_best(const std::vector<PlaneOrder>& orders, std::span<const StreamTensor> tensors, ByteView raw,
                   const CodecSpec& codec) {
  Choice best;
  for (const PlaneOrder order : orders) {
    Bytes encoded = encode(codec, apply_order(order, tensors, Bytes(raw.begin(), raw.end())));
    if (order == orders.front() || encoded.size() < best.encoded.size()) best = {order, std::move(encoded)};
  }
  return best;
}

}  // namespace

std::vector<TableEntry> plan_streams(const StoredModel& model, const CodecSpec& codec) {
  const bool is_golf = codec.id == CodecId::kGolf;
  StreamPlanner planner(is_golf ? compression_level(codec.level).stream_bytes : kStreamBytes);
  std::vector<TableEntry> table;
  for (const StoredTensor& tensor : model.tensors) {
    TableEntry entry;
    entry.tensor = {.name = tensor.name,
                    .encoding = tensor.encoding,
                    .bits = tensor.bits,
                    .original_dtype = tensor.original_dtype,
                    .values = {tensor.values.dtype, tensor.values.shape, {}},
                    .scales = {tensor.scales.dtype, tensor.scales.shape, {}},
                    .grid = tensor.grid};
    if (is_golf) {
      entry.values_stream = entry.scales_stream = planner.place({}, tensor.payload_bytes());
      table.push_back(std::move(entry));
      continue;
    }
    entry.values_stream =
        planner.place({false, tensor.values.dtype, tensor.bits}, tensor.values.bytes.size());
    if (tensor.encoding != Encoding::kPassthrough) {
      entry.scales_stream = planner.place({true, tensor.scales.dtype, 0}, tensor.scales.bytes.size());
    }
    table.push_back(std::move(entry));
  }
  return table;
}

uint64_t stream_count(const std::vector<TableEntry>& table) {
  uint64_t count = 0;
  for (const TableEntry& entry : table) {
    count = std::max(count, entry.values_stream + 1);
    if (entry.tensor.encoding != Encoding::kPassthrough) count = std::max(count, entry.scales_stream + 1);
  }
  return count;
}

EncodedStream encode_stream(const StoredModel& model, const std::vector<StreamPart>& parts,
                            const CodecSpec& codec, OrderSearch search) {
  ByteWriter joined;
  for (const StreamPart& part : parts) joined.write_bytes(part_tensor(model, part).bytes);
  const std::vector<StreamTensor> tensors = stream_tensors(parts);
  EncodedStream stream{.codec = codec.id, .raw_bytes = joined.size(), .raw_crc64 = crc64(joined.bytes())};
  if (codec.id == CodecId::kGolf) {
    stream.bytes = encode_golf_stream(tensors, joined.bytes(), codec.level);
    if (may_expand(stream.bytes.size(), stream.raw_bytes)) return stream;
    return encode_stream(model, parts, kFallbackCodec, search);
  }

  const std::vector<PlaneOrder> orders = candidate_orders(tensors);
  Choice choice;
  const Sample sample = take_sample(tensors);
  if (search == OrderSearch::kSample && orders.size() > 1 && sample.bytes < joined.size()) {
    choice = encode_best(orders, sample.tensors, ByteView(joined.bytes()).first(sample.bytes), codec);
    choice.encoded = encode(codec, apply_order(choice.order, tensors, joined.take()));
  } else {
    choice = encode_best(orders, tensors, joined.bytes(), codec);
  }
  stream.order = choice.order;
  stream.bytes = std::move(choice.encoded);
  return stream;
}

}  // namespace golf
