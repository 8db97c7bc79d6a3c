#include "container/grouped_blob.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "container/lrzip.h"
#include "container/ptz_dict.h"
#include "container/row_order.h"
#include "golf/artifact/base/bytes.h"
#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"
#include "golf/artifact/base/limits.h"
#include "golf/artifact/base/parallel_for.h"
#include "golf/artifact/encode/codec.h"

namespace golf {
namespace {

constexpr std::string_view kMagic = "PGRP";
constexpr uint32_t kMaxStreams = 64;
constexpr size_t kStreams = 9;
constexpr int64_t kMostReorderedRows = 65'536;  // orders are of u16

/// Keys of a group's matrices: `key` itself, or after "blocks.N." for one a layer.
struct Group {
  std::string_view manifest_key, key;
  bool per_layer, reordered;
};
constexpr std::array<Group, kRestStream> kGroups = {{
    {"_tok_emb.weight.q", "tok_emb.weight.q", false, true},
    {"attn.c_k.weight.q", "attn.c_k.weight.q", true, false},
    {"attn.c_q.weight.q", "attn.c_q.weight.q", true, true},
    {"attn.c_v.weight.q", "attn.c_v.weight.q", true, false},
    {"attn.proj.weight.q", "attn.proj.weight.q", true, false},
    {"mlp.fc.weight.q", "mlp.fc.weight.q", true, true},
    {"mlp.proj.weight.q", "mlp.proj.weight.q", true, false},
}};

std::string stream_place(const std::string& what, size_t stream) {
  return fmt::format("{}: stream {}", what, stream);
}

/// A list of integers as the shape of an int8 tensor.
Shape read_shape(const TorchValue& value, const std::string& what) {
  const auto* list = std::get_if<TorchValue::List>(&value.value);
  if (list == nullptr) fail_layout(what, "a shape expected");
  Shape shape;
  for (const TorchValue& size : *list) {
    const auto* number = std::get_if<int64_t>(&size.value);
    if (number == nullptr) fail_layout(what, "a shape of integers expected");
    shape.push_back(*number);
  }
  checked_tensor_bytes(DType::kI8, shape, what);
  return shape;
}

/// The group's matrices, one shape after the other.
void add_matrices(size_t stream, const TorchValue& shapes, const std::string& what,
                  std::vector<GroupMatrix>& matrices) {
  const Group& group = kGroups.at(stream);
  const auto* list = std::get_if<TorchValue::List>(&shapes.value);
  if (list == nullptr || (!group.per_layer && list->size() != 1)) {
    fail_layout(what, fmt::format("\"{}\": a list of shapes expected", group.manifest_key));
  }
  if (matrices.size() + list->size() > limits::kTensors) {
    fail_layout(what, fmt::format("more than {} matrices", limits::kTensors));
  }
  for (size_t layer = 0; layer < list->size(); ++layer) {
    const std::string key =
        group.per_layer ? fmt::format("blocks.{}.{}", layer, group.key) : std::string(group.key);
    Shape shape = read_shape((*list)[layer], fmt::format("{}: \"{}\"", what, key));
    const bool reordered = group.reordered && shape.size() == 2;
    if (reordered && shape[0] > kMostReorderedRows) {
      fail_layout(what, fmt::format("\"{}\": {} rows, of which at most {} can be reordered", key, shape[0],
                                    kMostReorderedRows));
    }
    matrices.push_back({.key = key, .shape = std::move(shape), .stream = stream, .reordered = reordered});
  }
}

/// The rows' order as it was stored: the k-th row that follows was row order[k].
std::vector<uint16_t> read_order(ByteReader& reader, size_t rows, const std::string& what) {
  std::vector<uint16_t> order(rows);
  std::vector<bool> seen(rows);
  for (uint16_t& row : order) {
    row = reader.read<uint16_t>();
    if (row >= rows || seen[row]) fail_layout(what, fmt::format("row {} in an order of {} rows", row, rows));
    seen[row] = true;
  }
  return order;
}

/// A matrix again from its columns.
Tensor restore(const GroupMatrix& matrix, ByteView stored, const std::vector<uint16_t>& order) {
  Tensor tensor{DType::kI8, matrix.shape, Bytes(stored.begin(), stored.end())};
  if (matrix.shape.size() != 2) return tensor;
  const auto rows = static_cast<size_t>(matrix.shape[0]);
  const auto columns = static_cast<size_t>(matrix.shape[1]);
  for (size_t k = 0; k < rows; ++k) {
    const size_t row = matrix.reordered ? order[k] : k;
    for (size_t column = 0; column < columns; ++column) {
      tensor.bytes[row * columns + column] = stored[column * rows + k];
    }
  }
  return tensor;
}

/// One order for each matrix, empty where its rows were left alone.
std::vector<std::vector<uint16_t>> read_orders(const GroupedBlob& blob, const std::string& what) {
  uint64_t bytes = 0;
  for (const GroupMatrix& matrix : blob.matrices) bytes += matrix.order_bytes();
  const ByteView stream = blob.streams[kOrdersStream];
  const Bytes raw = stream.empty() ? Bytes() : decode(CodecId::kBrotli, stream, bytes, what);
  ByteReader reader(raw, what);
  std::vector<std::vector<uint16_t>> orders;
  for (const GroupMatrix& matrix : blob.matrices) {
    orders.push_back(matrix.reordered ? read_order(reader, static_cast<size_t>(matrix.shape[0]), what)
                                      : std::vector<uint16_t>());
  }
  reader.expect_end();
  return orders;
}

}  // namespace

bool is_grouped(ByteView bytes) { return as_text(bytes).starts_with(kMagic); }

std::vector<ByteView> split_streams(ByteView bytes, const std::string& what) {
  ByteReader reader(bytes, what);
  reader.take(kMagic.size());
  const auto count = reader.read<uint32_t>();
  if (count == 0 || count > kMaxStreams) {
    reader.fail_here(fmt::format("{} streams, 1 to {} expected", count, kMaxStreams));
  }
  std::vector<uint32_t> lengths(count);
  for (uint32_t& length : lengths) length = reader.read<uint32_t>();
  std::vector<ByteView> streams;
  streams.reserve(count);
  for (const uint32_t length : lengths) streams.push_back(reader.take(length));
  reader.expect_end();
  return streams;
}

GroupedBlob read_grouped_blob(ByteView bytes, const std::string& what) {
  GroupedBlob blob{.streams = split_streams(bytes, what)};
  if (blob.streams.size() != kStreams) {
    fail(ErrorCode::kUnsupported,
         fmt::format("{}: {} streams, PR 1855's blobs have {}", what, blob.streams.size(), kStreams));
  }
  const std::string place = stream_place(what, kRestStream);
  const Bytes torch_file =
      decode(CodecId::kBrotli, blob.streams[kRestStream], limits::kDecompressedBytes, place);
  blob.rest_bytes = torch_file.size();
  const TorchValue root = parse_torch_file(torch_file, place);
  const DictReader reader(root, place);
  const auto* rest =
      reader.find("r") == nullptr ? nullptr : std::get_if<TorchValue::Dict>(&reader.at("r").value);
  if (rest == nullptr || reader.find("m") == nullptr || reader.find("s") == nullptr || reader.size() != 3) {
    fail(ErrorCode::kUnsupported,
         place + ": a dictionary of \"r\", \"m\" and \"s\" expected, as PR 1855 has");
  }
  blob.rest = *rest;
  blob.kinds = reader.at("m");

  const DictReader shapes(reader.at("s"), place + ": s");
  uint64_t total = blob.rest_bytes;
  for (size_t stream = 0; stream < kGroups.size(); ++stream) {
    const TorchValue* group = shapes.find(std::string(kGroups.at(stream).manifest_key));
    if (group != nullptr) add_matrices(stream, *group, place + ": s", blob.matrices);
    if (group == nullptr && !blob.streams[stream].empty()) {
      fail_layout(place, fmt::format("s says nothing of stream {}", stream));
    }
  }
  for (const GroupMatrix& matrix : blob.matrices) {
    total = add_or_fail(total, matrix.bytes() + matrix.order_bytes(), place);
  }
  if (total > limits::kDecompressedBytes) {
    fail_layout(place, fmt::format("its matrices take {} bytes with the rest, at most {} allowed", total,
                                   limits::kDecompressedBytes));
  }
  return blob;
}

std::vector<Tensor> decode_matrices(const GroupedBlob& blob, const std::string& what, int threads) {
  const auto orders = read_orders(blob, stream_place(what, kOrdersStream));
  std::vector<Tensor> tensors(blob.matrices.size());
  parallel_for(kGroups.size(), threads, [&](size_t stream) {
    uint64_t bytes = 0;
    for (const GroupMatrix& matrix : blob.matrices) bytes += matrix.stream == stream ? matrix.bytes() : 0;
    if (bytes == 0) return;
    const std::string place =
        fmt::format("{} ({})", stream_place(what, stream), kGroups.at(stream).manifest_key);
    const Bytes raw = lrzip_decode(blob.streams[stream], bytes, place);
    ByteReader reader(raw, place);
    for (size_t i = 0; i < tensors.size(); ++i) {
      const GroupMatrix& matrix = blob.matrices[i];
      if (matrix.stream == stream) tensors[i] = restore(matrix, reader.take(matrix.bytes()), orders[i]);
    }
  });
  return tensors;
}

namespace {

/// The layer of a group's key; nothing when it is another one.
std::optional<size_t> layer_of(const Group& group, std::string_view key) {
  if (!group.per_layer) return key == group.key ? std::optional<size_t>(0) : std::nullopt;
  constexpr std::string_view kPrefix = "blocks.";
  if (!key.starts_with(kPrefix)) return std::nullopt;
  key.remove_prefix(kPrefix.size());
  size_t layer = 0;
  const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), layer);
  if (error != std::errc{}) return std::nullopt;
  key.remove_prefix(static_cast<size_t>(end - key.data()));
  return key.starts_with('.') && key.substr(1) == group.key ? std::optional(layer) : std::nullopt;
}

/// The matrices of one group, by layer, before lrzip.
struct GroupContents {
  std::vector<std::pair<size_t, Tensor>> matrices = {};
  Bytes raw = {};
  Bytes orders = {};
};

void add_matrix(const Group& group, const Tensor& tensor, GroupContents& contents) {
  const auto rows = static_cast<size_t>(tensor.shape[0]);
  const auto values = tensor.values<int8_t>();
  const std::vector<uint16_t> order =
      group.reordered ? similar_row_order(values, rows) : std::vector<uint16_t>();
  const std::vector<int8_t> columns = transposed_rows(values, rows, order);
  const ByteView bytes = std::as_bytes(std::span(columns));
  contents.raw.insert(contents.raw.end(), bytes.begin(), bytes.end());
  const ByteView order_bytes = std::as_bytes(std::span(order));
  contents.orders.insert(contents.orders.end(), order_bytes.begin(), order_bytes.end());
}

TorchValue shape_value(const Shape& shape) {
  TorchValue::List sizes;
  for (const int64_t size : shape) sizes.push_back({.value = size});
  return {.value = std::move(sizes), .is_tuple = true};
}

}  // namespace

Bytes encode_grouped_blob(TorchValue root, int threads) {
  auto& members = std::get<TorchValue::Dict>(root.value);
  auto& weights = std::get<TorchValue::Dict>(members.at(0).second.value);
  std::array<GroupContents, kRestStream> groups;
  TorchValue::Dict rest;
  for (auto& [key, value] : weights) {
    const std::string& name = std::get<std::string>(key.value);
    Tensor& tensor = std::get<Tensor>(value.value);
    const auto is_member = [&](const Group& group) { return layer_of(group, name).has_value(); };
    const auto group = tensor.dtype == DType::kI8 && tensor.rank() == 2
                           ? std::find_if(kGroups.begin(), kGroups.end(), is_member)
                           : kGroups.end();
    if (group == kGroups.end()) {
      rest.emplace_back(std::move(key), std::move(value));
    } else {
      auto& matrices = groups.at(static_cast<size_t>(group - kGroups.begin())).matrices;
      matrices.emplace_back(*layer_of(*group, name), std::move(tensor));
    }
  }
  std::sort(rest.begin(), rest.end(), [](const auto& a, const auto& b) {
    return std::get<std::string>(a.first.value) < std::get<std::string>(b.first.value);
  });
  TorchValue::Dict shapes;
  for (size_t g = 0; g < groups.size(); ++g) {
    auto& matrices = groups.at(g).matrices;
    if (matrices.empty()) continue;
    std::sort(matrices.begin(), matrices.end(),
              [](const auto& a, const auto& b) { return a.first < b.first; });
    TorchValue::List list;
    for (size_t i = 0; i < matrices.size(); ++i) {
      if (matrices[i].first != i) {
        fail(ErrorCode::kUnsupported,
             fmt::format("PGRP 1 needs \"{}\" of every layer, layer {} has none: use layout pgrp_v2",
                         kGroups.at(g).key, i));
      }
      list.push_back(shape_value(matrices[i].second.shape));
    }
    put(shapes, kGroups.at(g).manifest_key, {.value = std::move(list)});
  }
  TorchValue::Dict file;
  put(file, "r", {.value = std::move(rest)});
  put(file, "m", std::move(members.at(1).second));
  put(file, "s", {.value = std::move(shapes)});

  std::array<Bytes, kStreams> streams;
  parallel_for(kGroups.size(), threads, [&](size_t g) {
    GroupContents& contents = groups.at(g);
    for (const auto& [layer, tensor] : contents.matrices) add_matrix(kGroups.at(g), tensor, contents);
    if (!contents.raw.empty()) {
      streams.at(g) = lrzip_encode(contents.raw, fmt::format("stream {}", kGroups.at(g).manifest_key));
    }
  });
  const CodecSpec brotli = {.id = CodecId::kBrotli, .level = 11};
  Bytes orders;
  for (const GroupContents& contents : groups) {
    orders.insert(orders.end(), contents.orders.begin(), contents.orders.end());
  }
  streams[kRestStream] = encode(brotli, encode_torch_file({.value = std::move(file)}), threads);
  if (!orders.empty()) streams[kOrdersStream] = encode(brotli, orders, threads);
  ByteWriter writer;
  writer.write_text(kMagic);
  writer.write(static_cast<uint32_t>(kStreams));
  for (const Bytes& stream : streams) writer.write(static_cast<uint32_t>(stream.size()));
  for (const Bytes& stream : streams) writer.write_bytes(stream);
  return writer.take();
}

}  // namespace golf
