#include "container/golf_tensor_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>

#include "golf/artifact/base/bytes.h"
#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"
#include "golf/artifact/base/limits.h"
#include "golf/artifact/base/text.h"
#include "quantize/step_grid.h"

namespace golf {
namespace {

constexpr uint64_t kMaxNameBytes = 4096;
constexpr uint8_t kRowOffsets = 1;
constexpr uint8_t kColumnOffsets = 2;

void write_entry(ByteWriter& writer, const TableEntry& entry, std::string_view previous_name) {
  const StoredTensor& tensor = entry.tensor;
  const std::string_view name = tensor.name;
  const auto shared = static_cast<size_t>(
      std::mismatch(name.begin(), name.end(), previous_name.begin(), previous_name.end()).first -
      name.begin());
  writer.write_varint(shared);
  writer.write_string(name.substr(shared));
  writer.write(static_cast<uint8_t>(tensor.encoding));
  writer.write(static_cast<uint8_t>(tensor.original_dtype));
  writer.write(static_cast<uint8_t>(tensor.values.dtype));
  writer.write_varint(tensor.values.shape.size());
  for (const int64_t dimension : tensor.values.shape) writer.write_varint(static_cast<uint64_t>(dimension));
  writer.write_varint(entry.values_stream);
  if (tensor.encoding == Encoding::kPassthrough) return;
  writer.write(static_cast<uint8_t>(tensor.bits));
  writer.write(static_cast<uint8_t>(tensor.scales.dtype));
  writer.write_varint(entry.scales_stream);
  if (!tensor.on_grid()) return;
  writer.write(tensor.grid.step);
  const int offsets =
      (tensor.grid.row_offsets ? kRowOffsets : 0) | (tensor.grid.column_offsets ? kColumnOffsets : 0);
  writer.write(static_cast<uint8_t>(offsets));
}

std::string read_name(ByteReader& reader, const std::string& previous_name) {
  const uint64_t shared = reader.read_varint();
  if (shared > previous_name.size()) reader.fail_here("a name shares more than the one before it has");
  std::string name = previous_name.substr(0, shared) + reader.read_string(kMaxNameBytes);
  if (name.empty() || name.size() > kMaxNameBytes) {
    reader.fail_here(fmt::format("a name of {} bytes, 1 to {} allowed", name.size(), kMaxNameBytes));
  }
  if (!is_utf8(name)) reader.fail_here("a name is not UTF-8");
  return name;
}

DType read_dtype(ByteReader& reader) {
  const auto value = reader.read<uint8_t>();
  if (value >= kDTypeCount) reader.fail_here(fmt::format("dtype {} is not known", value));
  return static_cast<DType>(value);
}

Shape read_shape(ByteReader& reader) {
  const uint64_t rank = reader.read_varint();
  if (rank > limits::kTensorRank) {
    reader.fail_here(fmt::format("rank {}, at most {} allowed", rank, limits::kTensorRank));
  }
  Shape shape;
  for (uint64_t i = 0; i < rank; ++i) {
    const uint64_t dimension = reader.read_varint();
    if (dimension > limits::kTensorBytesTotal) reader.fail_here(fmt::format("dimension {}", dimension));
    shape.push_back(static_cast<int64_t>(dimension));
  }
  return shape;
}

StepGrid read_grid(ByteReader& reader) {
  StepGrid grid{.step = reader.read<float>()};
  const auto offsets = reader.read<uint8_t>();
  if (offsets > (kRowOffsets | kColumnOffsets)) reader.fail_here(fmt::format("step offsets {}", offsets));
  grid.row_offsets = (offsets & kRowOffsets) != 0;
  grid.column_offsets = (offsets & kColumnOffsets) != 0;
  return grid;
}

uint64_t read_stream(ByteReader& reader, uint64_t stream_count) {
  const uint64_t stream = reader.read_varint();
  if (stream >= stream_count) reader.fail_here(fmt::format("stream {} of {}", stream, stream_count));
  return stream;
}

TableEntry read_entry(ByteReader& reader, const std::string& previous_name, uint64_t stream_count) {
  TableEntry entry;
  StoredTensor& tensor = entry.tensor;
  tensor.name = read_name(reader, previous_name);
  const auto encoding = reader.read<uint8_t>();
  if (encoding > static_cast<uint8_t>(kLastEncoding)) {
    reader.fail_here(fmt::format("encoding {} is not known", encoding));
  }
  tensor.encoding = static_cast<Encoding>(encoding);
  tensor.original_dtype = read_dtype(reader);
  tensor.values.dtype = read_dtype(reader);
  tensor.values.shape = read_shape(reader);
  entry.values_stream = read_stream(reader, stream_count);
  if (tensor.encoding == Encoding::kPassthrough) return entry;
  tensor.bits = reader.read<uint8_t>();
  tensor.scales.dtype = read_dtype(reader);
  tensor.scales.shape = {};
  if (tensor.encoding == Encoding::kIntPerRow && !tensor.values.shape.empty()) {
    tensor.scales.shape = {tensor.values.shape[0]};
  }
  entry.scales_stream = read_stream(reader, stream_count);
  if (tensor.on_grid()) {
    tensor.grid = read_grid(reader);
    const bool has_offsets = tensor.grid.row_offsets || tensor.grid.column_offsets;
    // Without a matrix there is nothing to count; check_form() refuses what claims to have offsets then.
    tensor.scales.shape =
        has_offsets && tensor.values.rank() != 2 ? Shape{0} : offsets_shape(tensor.grid, tensor.values.shape);
  }
  return entry;
}

}  // namespace

Bytes encode_tensor_table(const std::vector<TableEntry>& table) {
  ByteWriter writer;
  writer.write_varint(table.size());
  std::string_view previous_name;
  for (const TableEntry& entry : table) {
    write_entry(writer, entry, previous_name);
    previous_name = entry.tensor.name;
  }
  return writer.take();
}

std::vector<TableEntry> decode_tensor_table(ByteView bytes, uint64_t stream_count, const std::string& what) {
  ByteReader reader(bytes, what);
  const uint64_t count = reader.read_varint();
  if (count > limits::kTensors) {
    reader.fail_here(fmt::format("{} tensors, at most {} allowed", count, limits::kTensors));
  }
  std::vector<TableEntry> table;
  std::unordered_set<std::string> names;
  std::string previous_name;
  uint64_t total = 0;
  for (uint64_t i = 0; i < count; ++i) {
    TableEntry entry = read_entry(reader, previous_name, stream_count);
    const StoredTensor& tensor = entry.tensor;
    const std::string place = fmt::format("{}: tensor \"{}\"", what, printable(tensor.name));
    if (!names.insert(tensor.name).second) fail(ErrorCode::kCorruptData, place + " appears twice");
    total =
        add_or_fail(total, checked_tensor_bytes(tensor.original_dtype, tensor.values.shape, place), place);
    total = add_or_fail(total, checked_tensor_bytes(tensor.values.dtype, tensor.values.shape, place), place);
    if (total > limits::kTensorBytesTotal) {
      fail(ErrorCode::kCorruptData,
           fmt::format("{}: tensors of more than {} bytes", what, limits::kTensorBytesTotal));
    }
    try {
      check_form(tensor);
    } catch (const Error& error) {
      fail_within(what, error);
    }
    previous_name = tensor.name;
    table.push_back(std::move(entry));
  }
  reader.expect_end();
  return table;
}

std::vector<std::vector<StreamPart>> parts_by_stream(const std::vector<TableEntry>& table,
                                                     uint64_t stream_count) {
  std::vector<std::vector<StreamPart>> streams(stream_count);
  const auto add = [&](uint64_t stream, size_t index, bool scales, const Tensor& tensor) {
    streams[stream].push_back({index, scales, {tensor.shape, dtype_size(tensor.dtype)}});
  };
  for (size_t i = 0; i < table.size(); ++i) {
    const StoredTensor& tensor = table[i].tensor;
    add(table[i].values_stream, i, false, tensor.values);
    if (tensor.encoding != Encoding::kPassthrough) add(table[i].scales_stream, i, true, tensor.scales);
  }
  return streams;
}

std::vector<StreamTensor> stream_tensors(const std::vector<StreamPart>& parts) {
  std::vector<StreamTensor> tensors;
  tensors.reserve(parts.size());
  for (const StreamPart& part : parts) tensors.push_back(part.form);
  return tensors;
}

}  // namespace golf
