#include "container/pgrp_v2.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "container/lrzip.h"
#include "container/ptz_dict.h"
#include "container/ptz_layout.h"
#include "container/row_order.h"
#include "container/size_rows.h"
#include "encode/byte_shuffle.h"
#include "golf/artifact/base/bytes.h"
#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"
#include "golf/artifact/base/limits.h"
#include "golf/artifact/base/parallel_for.h"
#include "golf/artifact/encode/codec.h"

namespace golf {
namespace {

using Dict = TorchValue::Dict;

constexpr std::string_view kPgrpMagic = "PGRP";
constexpr uint32_t kVersion = 2;
constexpr uint8_t kBrotliMethod = 0;
constexpr uint8_t kLrzipMethod = 1;
constexpr int64_t kMostRows = 65'536;  // orders are of u16
constexpr uint8_t kShuffleStride = 2;
constexpr CodecSpec kBrotli = {.id = CodecId::kBrotli, .level = 11};

constexpr std::array<std::string_view, 7> kEndings = {
    ".attn.c_q.weight.q", ".attn.proj.weight.q", ".attn.c_k.weight.q", ".attn.c_v.weight.q",
    ".mlp.fc.weight.q",   ".mlp.proj.weight.q",  "tok_emb.weight.q"};

bool is_matrix_of_codes(const std::string& key, const Tensor& tensor) {
  return tensor.dtype == DType::kI8 && tensor.rank() == 2 && tensor.shape[0] <= kMostRows &&
         std::any_of(kEndings.begin(), kEndings.end(),
                     [&](std::string_view ending) { return key.ends_with(ending); });
}

PgrpV2::Matrix read_matrix(ByteReader& reader, const std::string& what) {
  PgrpV2::Matrix matrix;
  const size_t name_bytes = reader.read<uint16_t>();
  matrix.key = as_text(reader.take(name_bytes));
  matrix.rows = reader.read<uint32_t>();
  matrix.columns = reader.read<uint32_t>();
  const auto place = [&] { return fmt::format("{}: matrix \"{}\"", what, printable(matrix.key)); };
  checked_tensor_bytes(DType::kI8, {matrix.rows, matrix.columns}, place());
  if (matrix.rows > kMostRows) {
    fail_layout(place(), fmt::format("{} rows, at most 65,536 have an order", matrix.rows));
  }
  const ByteView order = reader.take(2 * static_cast<size_t>(matrix.rows));
  ByteReader rows(order, what);
  matrix.order.resize(static_cast<size_t>(matrix.rows));
  for (uint16_t& row : matrix.order) row = rows.read<uint16_t>();
  if (!is_row_order(matrix.order)) fail_layout(place(), "the order of its rows is no permutation");
  matrix.header_bytes = 2 + name_bytes + 8 + order.size();
  return matrix;
}

uint64_t total_bytes(const PgrpV2& file) {
  uint64_t total = 0;
  for (const PgrpV2::Matrix& matrix : file.matrices) total += matrix.bytes();
  return total;
}

/// The torch file of the other tensors.
Bytes unpack_rest(const PgrpV2& file, const std::string& what) {
  const std::string place = what + ": remainder";
  const Bytes shuffled = decode(CodecId::kBrotli, file.rest, limits::kDecompressedBytes, place);
  if (!is_byte_shuffled(shuffled)) fail_layout(place, "a byte-shuffled torch file expected");
  return unshuffle_bytes(shuffled, place).raw;
}

/// {w, m} with the matrices put in front of the other tensors.
TorchValue join(const PgrpV2& file, TorchValue root, std::vector<Tensor> matrices, const std::string& what) {
  auto* members = std::get_if<Dict>(&root.value);
  Dict* rest = nullptr;
  for (auto& [key, value] : *members) {
    const auto* name = std::get_if<std::string>(&key.value);
    if (name != nullptr && *name == "w") rest = std::get_if<Dict>(&value.value);
  }
  if (rest == nullptr) fail_layout(what, "remainder: a dictionary of \"w\" and \"m\" expected");
  Dict weights;
  for (size_t i = 0; i < matrices.size(); ++i) {
    put(weights, file.matrices[i].key, {.value = std::move(matrices[i])});
  }
  for (auto& member : *rest) weights.push_back(std::move(member));
  *rest = std::move(weights);
  return root;
}

StoredModel read_model(const TorchValue& root, const std::string& what) {
  if (root.find("m") == nullptr) fail_layout(what, "remainder: a dictionary of \"w\" and \"m\" expected");
  StoredModel model = read_wm_scale(root, what);
  for (const StoredTensor& tensor : model.tensors) check_form(tensor);
  return model;
}

ArtifactInfo info_of(const PgrpV2& file) {
  return {.format = ArtifactFormat::kPtz,
          .codec = {.id = CodecId::kBrotli, .level = CodecSpec::kUnknownLevel},
          .ptz_layout = std::string(file.by_lrzip ? kPgrpV2LrzipLayout : kPgrpV2Layout)};
}

/// A matrix of codes taken out of the dictionary.
struct Codes {
  std::string key;
  Tensor tensor;
  std::vector<uint16_t> order = {};
  std::vector<int8_t> bytes = {};
};

}  // namespace

bool is_pgrp_v2(ByteView bytes) {
  if (!as_text(bytes).starts_with(kPgrpMagic) || bytes.size() < kPgrpMagic.size() + sizeof(uint32_t))
    return false;
  return ByteReader(bytes.subspan(kPgrpMagic.size()), "").read<uint32_t>() == kVersion;
}

PgrpV2 parse_pgrp_v2(ByteView bytes, const std::string& what) {
  ByteReader reader(bytes, what);
  reader.take(kPgrpMagic.size() + sizeof(kVersion));
  const auto count = reader.read<uint32_t>();
  if (count > limits::kTensors) {
    reader.fail_here(fmt::format("{} matrices, at most {} allowed", count, limits::kTensors));
  }
  PgrpV2 file;
  uint64_t total = 0;
  for (uint32_t i = 0; i < count; ++i) {
    file.matrices.push_back(read_matrix(reader, what));
    const PgrpV2::Matrix& matrix = file.matrices.back();
    total = add_or_fail(total, matrix.bytes(), what);
    if (i > 0 && !(file.matrices[i - 1].key < matrix.key)) {
      fail_layout(what, fmt::format("matrix \"{}\" after \"{}\": names ascend in PGRP 2",
                                    printable(matrix.key), printable(file.matrices[i - 1].key)));
    }
  }
  if (total > limits::kDecompressedBytes) {
    fail_layout(what, fmt::format("its matrices take {} bytes, at most {} allowed", total,
                                  limits::kDecompressedBytes));
  }
  const auto method = reader.read<uint8_t>();
  if (method > kLrzipMethod) reader.fail_here(fmt::format("method {} is not known", method));
  file.by_lrzip = method == kLrzipMethod;
  const auto part = [&] {
    const auto size = reader.read<uint32_t>();
    return reader.take(size);
  };
  file.codes = part();
  file.rest = part();
  reader.expect_end();
  return file;
}

Artifact decode_pgrp_v2(ByteView bytes, const std::string& what) {
  const PgrpV2 file = parse_pgrp_v2(bytes, what);
  TorchValue root = parse_torch_file(unpack_rest(file, what), what + ": remainder");
  const uint64_t expected = total_bytes(file);
  const std::string place = what + ": matrices";
  const Bytes codes = file.by_lrzip ? lrzip_decode(file.codes, expected, place)
                                    : decode(CodecId::kBrotli, file.codes, expected, place);
  if (codes.size() != expected) {
    fail_layout(place, fmt::format("{} bytes, {} expected", codes.size(), expected));
  }
  std::vector<Tensor> matrices;
  size_t first = 0;
  for (const PgrpV2::Matrix& matrix : file.matrices) {
    Tensor tensor = make_tensor(DType::kI8, {matrix.rows, matrix.columns});
    const auto rows = static_cast<size_t>(matrix.rows);
    const auto columns = static_cast<size_t>(matrix.columns);
    for (size_t k = 0; k < rows; ++k) {
      for (size_t c = 0; c < columns; ++c) {
        tensor.bytes[matrix.order[k] * columns + c] = codes[first + c * rows + k];
      }
    }
    first += rows * columns;
    matrices.push_back(std::move(tensor));
  }
  return {.info = info_of(file),
          .model = read_model(join(file, std::move(root), std::move(matrices), what), what)};
}

ArtifactSummary summarize_pgrp_v2(ByteView bytes, const std::string& what) {
  const PgrpV2 file = parse_pgrp_v2(bytes, what);
  const Bytes torch_file = unpack_rest(file, what);
  std::vector<Tensor> shapes;  // as the matrices, but without bytes
  std::map<std::string, size_t> matrix_of;
  for (const PgrpV2::Matrix& matrix : file.matrices) {
    matrix_of.emplace(matrix.key, shapes.size());
    shapes.push_back({DType::kI8, {matrix.rows, matrix.columns}, {}});
  }
  ArtifactSummary summary{.info = info_of(file)};
  summary.info.provenance = {
      {"groups", fmt::format("int8 matrices under {} (PGRP 2)", file.by_lrzip ? "lrzip" : "brotli")}};
  TorchValue root = parse_torch_file(torch_file, what + ": remainder");
  summary.tensors = read_model(join(file, std::move(root), std::move(shapes), what), what).tensors;

  std::vector<SizeRow> matrices, others;
  std::vector<uint64_t> matrix_raw, other_raw;
  uint64_t header = bytes.size() - file.codes.size() - file.rest.size();
  uint64_t held = 0;  // of the torch file by tensors
  for (StoredTensor& stored : summary.tensors) {
    const bool integers = stored.encoding != Encoding::kPassthrough;
    const bool grouped = integers && matrix_of.contains(stored.name + ".q");
    const uint64_t values = dtype_size(stored.values.dtype) * static_cast<uint64_t>(stored.values.elements());
    const uint64_t rest = stored.payload_bytes() - stored.values.bytes.size();
    (grouped ? matrices : others).push_back(tensor_row(stored, false, 0, values, true));
    (grouped ? matrix_raw : other_raw).push_back(values);
    if (integers) {
      others.push_back(tensor_row(stored, true, 0, rest, true));
      other_raw.push_back(rest);
    }
    held += rest + (grouped ? 0 : values);
    stored.values.bytes = {};
    stored.scales.bytes = {};
  }
  others.push_back(
      overhead_row(BytePart::kMetadata, 0, torch_file.size() - std::min(held, torch_file.size()), true));
  other_raw.push_back(others.back().raw_bytes);
  const auto apportion_to = [&](std::vector<SizeRow>& rows, uint64_t total,
                                const std::vector<uint64_t>& raw) {
    if (rows.empty()) return;
    const std::vector<uint64_t> shares = apportion(total, raw);
    for (size_t i = 0; i < rows.size(); ++i) {
      rows[i].bytes = shares[i];
      summary.sizes.rows.push_back(std::move(rows[i]));
    }
  };
  if (matrices.empty()) header += file.codes.size();
  apportion_to(matrices, file.codes.size(), matrix_raw);
  apportion_to(others, file.rest.size(), other_raw);
  summary.sizes.rows.push_back(overhead_row(BytePart::kContainer, header, header, false));
  summary.sizes.file_bytes = bytes.size();
  return summary;
}

Bytes encode_pgrp_v2(const Artifact& artifact, int threads) {
  TorchValue root = write_gptq(artifact.model);
  Dict& members = std::get<Dict>(root.value);
  Dict& weights = std::get<Dict>(members.front().second.value);
  std::vector<Codes> matrices;
  Dict rest;
  for (auto& [key, value] : weights) {
    const std::string& name = std::get<std::string>(key.value);
    Tensor& tensor = std::get<Tensor>(value.value);
    if (is_matrix_of_codes(name, tensor)) {
      matrices.push_back({.key = name, .tensor = std::move(tensor)});
    } else {
      rest.emplace_back(std::move(key), std::move(value));
    }
  }
  weights = std::move(rest);
  std::sort(matrices.begin(), matrices.end(), [](const Codes& a, const Codes& b) { return a.key < b.key; });
  parallel_for(matrices.size(), threads, [&](size_t i) {
    Codes& codes = matrices[i];
    const auto rows = static_cast<size_t>(codes.tensor.shape[0]);
    codes.order = similar_row_order(codes.tensor.values<int8_t>(), rows);
    codes.bytes = transposed_rows(codes.tensor.values<int8_t>(), rows, codes.order);
  });
  ByteWriter writer;
  writer.write_bytes(as_bytes(kPgrpMagic));
  writer.write(kVersion);
  writer.write(static_cast<uint32_t>(matrices.size()));
  Bytes raw;
  for (const Codes& codes : matrices) {
    writer.write(static_cast<uint16_t>(codes.key.size()));
    writer.write_bytes(as_bytes(codes.key));
    for (const int64_t size : codes.tensor.shape) writer.write(static_cast<uint32_t>(size));
    for (const uint16_t row : codes.order) writer.write(row);
    const ByteView bytes = std::as_bytes(std::span(codes.bytes));
    raw.insert(raw.end(), bytes.begin(), bytes.end());
  }
  const bool by_lrzip = artifact.info.ptz_layout == kPgrpV2LrzipLayout;
  std::array<Bytes, 2> parts;
  parallel_for(parts.size(), threads, [&](size_t part) {
    if (part == 1) {
      parts[part] = encode(kBrotli, shuffle_bytes(encode_torch_file(root), kShuffleStride), threads);
    } else {
      parts[part] = by_lrzip ? lrzip_encode(raw, "PGRP 2") : encode(kBrotli, raw, threads);
    }
  });
  writer.write(by_lrzip ? kLrzipMethod : kBrotliMethod);
  for (const Bytes& part : parts) {
    writer.write(static_cast<uint32_t>(part.size()));
    writer.write_bytes(part);
  }
  return writer.take();
}

}  // namespace golf
