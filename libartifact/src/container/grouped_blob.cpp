#include "container/grouped_blob.h"

#include <fmt/format.h>

#include <array>

#include "container/ptz_dict.h"
#include "golf/artifact/base/checked_math.h"
#include "golf/artifact/base/error.h"
#include "golf/artifact/base/external_program.h"
#include "golf/artifact/base/file.h"
#include "golf/artifact/base/limits.h"
#include "golf/artifact/base/parallel_for.h"
#include "golf/artifact/encode/codec.h"

namespace golf {
namespace {

constexpr std::string_view kMagic = "PGRP";
constexpr std::string_view kLrzipMagic = "LRZI";
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
void add_members(size_t stream, const TorchValue& shapes, const std::string& what,
                 std::vector<GroupMember>& members) {
  const Group& group = kGroups.at(stream);
  const auto* list = std::get_if<TorchValue::List>(&shapes.value);
  if (list == nullptr || (!group.per_layer && list->size() != 1)) {
    fail_layout(what, fmt::format("\"{}\": a list of shapes expected", group.manifest_key));
  }
  if (members.size() + list->size() > limits::kTensors) {
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
    members.push_back({.key = key, .shape = std::move(shape), .stream = stream, .reordered = reordered});
  }
}

/// The size that an lrzip stream declares: a u64 after magic and two version bytes, 0 when not known.
uint64_t declared_bytes(ByteView lrzip_stream, const std::string& what) {
  constexpr size_t kVersionBytes = 2;
  ByteReader reader(lrzip_stream, what);
  if (as_text(reader.take(kLrzipMagic.size())) != kLrzipMagic) fail_layout(what, "not an lrzip stream");
  reader.take(kVersionBytes);
  return reader.read<uint64_t>();
}

Bytes decode_lrzip(ByteView stream, uint64_t expected_bytes, const std::string& what) {
  const auto expect = [&](uint64_t found_bytes) {
    if (found_bytes == expected_bytes) return;
    fail_layout(what, fmt::format("its matrices have {} bytes, {} found", expected_bytes, found_bytes));
  };
  if (const uint64_t declared = declared_bytes(stream, what); declared != 0) expect(declared);
  // Without its configuration files, of which it reads one in the current folder.
  Bytes raw = run_filter({"lrzip", "-d", "-q"}, stream, expected_bytes, what, {"LRZIP=NOCONFIG"});
  expect(raw.size());
  return raw;
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
Tensor restore(const GroupMember& member, ByteView stored, const std::vector<uint16_t>& order) {
  Tensor tensor{DType::kI8, member.shape, Bytes(stored.begin(), stored.end())};
  if (member.shape.size() != 2) return tensor;
  const auto rows = static_cast<size_t>(member.shape[0]);
  const auto columns = static_cast<size_t>(member.shape[1]);
  for (size_t k = 0; k < rows; ++k) {
    const size_t row = member.reordered ? order[k] : k;
    for (size_t column = 0; column < columns; ++column) {
      tensor.bytes[row * columns + column] = stored[column * rows + k];
    }
  }
  return tensor;
}

/// One order for each member, empty where its rows were left alone.
std::vector<std::vector<uint16_t>> read_orders(const GroupedBlob& blob, const std::string& what) {
  uint64_t bytes = 0;
  for (const GroupMember& member : blob.members) bytes += member.order_bytes();
  const ByteView stream = blob.streams[kOrdersStream];
  const Bytes raw = stream.empty() ? Bytes() : decode(CodecId::kBrotli, stream, bytes, what);
  ByteReader reader(raw, what);
  std::vector<std::vector<uint16_t>> orders;
  for (const GroupMember& member : blob.members) {
    orders.push_back(member.reordered ? read_order(reader, static_cast<size_t>(member.shape[0]), what)
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
    if (group != nullptr) add_members(stream, *group, place + ": s", blob.members);
    if (group == nullptr && !blob.streams[stream].empty()) {
      fail_layout(place, fmt::format("s says nothing of stream {}", stream));
    }
  }
  for (const GroupMember& member : blob.members) {
    total = add_or_fail(total, member.bytes() + member.order_bytes(), place);
  }
  if (total > limits::kDecompressedBytes) {
    fail_layout(place, fmt::format("its matrices take {} bytes with the rest, at most {} allowed", total,
                                   limits::kDecompressedBytes));
  }
  return blob;
}

std::vector<Tensor> decode_members(const GroupedBlob& blob, const std::string& what, int threads) {
  const auto orders = read_orders(blob, stream_place(what, kOrdersStream));
  std::vector<Tensor> tensors(blob.members.size());
  parallel_for(kGroups.size(), threads, [&](size_t stream) {
    uint64_t bytes = 0;
    for (const GroupMember& member : blob.members) bytes += member.stream == stream ? member.bytes() : 0;
    if (bytes == 0) return;
    const std::string place =
        fmt::format("{} ({})", stream_place(what, stream), kGroups.at(stream).manifest_key);
    const Bytes raw = decode_lrzip(blob.streams[stream], bytes, place);
    ByteReader reader(raw, place);
    for (size_t i = 0; i < tensors.size(); ++i) {
      const GroupMember& member = blob.members[i];
      if (member.stream == stream) tensors[i] = restore(member, reader.take(member.bytes()), orders[i]);
    }
  });
  return tensors;
}

}  // namespace golf
