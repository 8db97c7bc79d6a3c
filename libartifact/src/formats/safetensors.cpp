#include "golf/artifact/formats/safetensors.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "golf/artifact/base/bytes.h"
#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"
#include "golf/artifact/base/json.h"
#include "golf/artifact/base/limits.h"
#include "golf/artifact/base/text.h"

// Layout: uint64 header size, the header (a JSON object: name → dtype, shape, data_offsets), then the data.
namespace golf {
namespace {

constexpr std::string_view kMetadataKey = "__metadata__";
constexpr uint64_t kLengthBytes = 8;

/// A header row before its bytes are taken.
struct Row {
  std::string name;
  DType dtype;
  Shape shape;
  uint64_t begin, end;  // relative to the data
};

/// The header's text. @throws Error kCorruptData
std::string_view header_text(ByteView bytes, const std::string& what) {
  ByteReader reader(bytes, what);
  const auto length = reader.read<uint64_t>();
  if (length > limits::kSafetensorsHeaderBytes) {
    fail(ErrorCode::kCorruptData, fmt::format("{}: safetensors header of {} bytes, at most {} allowed", what,
                                              length, limits::kSafetensorsHeaderBytes));
  }
  const std::string_view text = as_text(reader.take(length));
  if (!text.starts_with('{')) {
    fail(ErrorCode::kCorruptData, fmt::format("{}: safetensors header does not start with '{{'", what));
  }
  return text;
}

/// Refuses, before anything is built, a header with more JSON values than kTensors rows can have: a parsed
/// value takes twenty times the space of its text.
void check_value_count(std::string_view text, const std::string& what) {
  constexpr uint64_t kMost = limits::kTensors * (limits::kTensorRank + 8);
  uint64_t count = 0;
  bool in_string = false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') in_string = !in_string;
    if (in_string && text[i] == '\\') ++i;
    count += !in_string && (text[i] == ',' || text[i] == '[' || text[i] == '{');
  }
  if (count > kMost) {
    fail(ErrorCode::kCorruptData, fmt::format("{}: safetensors header with {} values, at most {} tensors are "
                                              "allowed",
                                              what, count, limits::kTensors));
  }
}

Row read_row(const std::string& name, const Json& json, const std::string& where) {
  for (const auto& [key, value] : json.as_object()) {
    if (key != "dtype" && key != "shape" && key != "data_offsets") {
      fail(ErrorCode::kCorruptData, fmt::format("unknown key \"{}\"", printable(key)));
    }
  }
  Row row{.name = name, .dtype = DType::kF32, .shape = {}, .begin = 0, .end = 0};
  const std::string& dtype = json.at("dtype").as_string();
  const auto known = dtype_from_safetensors(dtype);
  if (!known) {
    fail(ErrorCode::kUnsupported,
         fmt::format("dtype \"{}\" is not read: store the tensor as F16, BF16 or F32", printable(dtype)));
  }
  row.dtype = *known;
  for (const Json& dimension : json.at("shape").as_array()) row.shape.push_back(dimension.as_int());
  const Json::Array& offsets = json.at("data_offsets").as_array();
  if (offsets.size() != 2) fail(ErrorCode::kCorruptData, "data_offsets is not a pair");
  row.begin = offsets[0].as_uint();
  row.end = offsets[1].as_uint();
  const uint64_t size = checked_tensor_bytes(row.dtype, row.shape, where);
  if (row.end < row.begin || row.end - row.begin != size) {
    fail(ErrorCode::kCorruptData, fmt::format("data_offsets [{}, {}], {} bytes expected for {} {}", row.begin,
                                              row.end, size, dtype, to_string(row.shape)));
  }
  return row;
}

std::map<std::string, std::string> read_metadata(const Json& json) {
  std::map<std::string, std::string> metadata;
  for (const auto& [key, value] : json.as_object()) metadata.emplace(key, value.as_string());
  return metadata;
}

/// The rows must cover the data in order, without hole, overlap or rest.
void check_coverage(const std::vector<Row>& rows, uint64_t data_bytes, const std::string& what) {
  uint64_t position = 0;
  for (const Row& row : rows) {
    if (row.begin != position) {
      fail(ErrorCode::kCorruptData,
           fmt::format("{}: tensor \"{}\" starts at byte {} of the data, {} expected: {}", what,
                       printable(row.name), row.begin, position,
                       row.begin < position ? "tensors overlap" : "a hole"));
    }
    position = row.end;
  }
  if (position != data_bytes) {
    fail(ErrorCode::kCorruptData, fmt::format("{}: the tensors end at byte {} of the data, the file has {}",
                                              what, position, data_bytes));
  }
}

}  // namespace

bool is_safetensors(ByteView bytes) {
  if (bytes.size() <= kLengthBytes) return false;
  uint64_t length = 0;
  std::memcpy(&length, bytes.data(), kLengthBytes);
  return length <= limits::kSafetensorsHeaderBytes && bytes[kLengthBytes] == std::byte{'{'};
}

TensorSet parse_safetensors(ByteView bytes, const std::string& what) {
  const std::string_view text = header_text(bytes, what);
  check_value_count(text, what);
  const Json header = parse_json(text, what + ": safetensors header", limits::kSafetensorsHeaderBytes);
  const ByteView data = bytes.subspan(kLengthBytes + text.size());

  TensorSet tensors;
  std::vector<Row> rows;
  for (const auto& [name, value] : header.as_object()) {
    const std::string where = fmt::format("{}: safetensors header, \"{}\"", what, printable(name));
    try {
      if (name == kMetadataKey) {
        tensors.metadata = read_metadata(value);
      } else {
        rows.push_back(read_row(name, value, where));
      }
    } catch (const Error& error) {
      fail_within(where, error);
    }
  }
  if (rows.size() > limits::kTensors) {
    fail(ErrorCode::kCorruptData,
         fmt::format("{}: {} tensors, at most {} allowed", what, rows.size(), limits::kTensors));
  }
  std::stable_sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) {
    return std::tie(a.begin, a.end) < std::tie(b.begin, b.end);
  });
  check_coverage(rows, data.size(), what);
  for (Row& row : rows) {
    const ByteView values = data.subspan(row.begin, row.end - row.begin);
    tensors.add(std::move(row.name),
                Tensor{row.dtype, std::move(row.shape), Bytes(values.begin(), values.end())});
  }
  return tensors;
}

Bytes encode_safetensors(const TensorSet& tensors) { return encode_safetensors(tensors, tensors.metadata); }

Bytes encode_safetensors(const TensorSet& tensors, const std::map<std::string, std::string>& metadata) {
  Json::Object header;
  if (!metadata.empty()) {
    Json::Object entries;
    for (const auto& [key, value] : metadata) {
      if (!is_utf8(key) || !is_utf8(value)) {
        fail(ErrorCode::kInvalidArgument, fmt::format("metadata \"{}\" is not valid UTF-8", printable(key)));
      }
      entries.emplace_back(key, value);
    }
    header.emplace_back(kMetadataKey, Json::object(std::move(entries)));
  }
  uint64_t position = 0;
  for (const auto& [name, tensor] : tensors) {
    if (name == kMetadataKey || !is_utf8(name)) {
      fail(ErrorCode::kInvalidArgument,
           fmt::format("a safetensors file cannot hold a tensor named \"{}\"", printable(name)));
    }
    Json::Array shape(tensor.shape.begin(), tensor.shape.end());
    const uint64_t end = position + tensor.bytes.size();
    Json::Object row;
    row.emplace_back("dtype", safetensors_name(tensor.dtype));
    row.emplace_back("shape", std::move(shape));
    row.emplace_back("data_offsets", Json::Array{position, end});
    header.emplace_back(name, Json::object(std::move(row)));
    position = end;
  }
  std::string text = Json::object(std::move(header)).dump();
  text.resize((text.size() + 7) / 8 * 8, ' ');

  ByteWriter writer;
  writer.bytes().reserve(kLengthBytes + text.size() + position);
  writer.write(uint64_t{text.size()});
  writer.write_text(text);
  for (const auto& [name, tensor] : tensors) writer.write_bytes(tensor.bytes);
  return writer.take();
}

}  // namespace golf
