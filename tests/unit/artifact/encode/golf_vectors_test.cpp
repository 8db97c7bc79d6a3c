// The test vectors of docs/FORMAT.md: small streams of codec golf with intermediate values
// (tests/data/golf_vectors). With GOLF_WRITE_VECTORS=1 in the environment the test writes them anew.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <optional>

#include "encode/golf/entropy_coders.h"
#include "encode/golf/golf_codec.h"
#include "encode/golf/number_models.h"
#include "encode/golf/stream_coder.h"
#include "encode/golf/tensor_walk.h"
#include "golf/artifact/base/file.h"
#include "golf/artifact/base/json.h"
#include "golf_streams.h"
#include "support/reference_data.h"

namespace golf {
namespace {

using test::GolfStream;

std::string hex(ByteView bytes) {
  std::string text;
  for (const std::byte byte : bytes) text += fmt::format("{:02x}", std::to_integer<int>(byte));
  return text;
}

Bytes from_hex(const std::string& text) {
  Bytes bytes;
  for (size_t i = 0; i < text.size(); i += 2) {
    bytes.push_back(static_cast<std::byte>(std::stoi(text.substr(i, 2), nullptr, 16)));
  }
  return bytes;
}

template <class Values>
Json list(const Values& values) {
  Json json = Json::array();
  for (const auto value : values) json.push_back(static_cast<int64_t>(value));
  return json;
}

/// The fields of docs/FORMAT.md, "The model of an int8 tensor".
Json model_fields(const TensorModel& model) {
  Json json = Json::object();
  const auto set = [&](const char* name, int64_t value) { json[name] = value; };
  set("lowest", model.lowest);
  set("highest", model.highest);
  if (model.is_constant()) return json;
  set("transposed", model.transposed ? 1 : 0);
  set("shape", model.shape);
  set("escape_mass", model.escape_mass);
  set("base", model.base);
  set("block_log", model.block_log);
  set("row_step", model.row_step_log);
  set("column_step", model.column_step_log);
  set("prediction", static_cast<int>(model.prediction));
  if (model.is_predicted()) {
    set("prior", model.prior_rows);
    set("refit_shift", model.refit_shift);
    set("has_row_matches", model.has_row_matches ? 1 : 0);
    set("slot", model.slot);
    if (model.slot > 0) set("decay", model.decay);
    if (!model.has_reference()) set("reversed", model.is_reversed ? 1 : 0);
  }
  if (model.has_reference()) {
    set("back", model.reference.back);
    set("reference_transposed", model.reference.transposed ? 1 : 0);
    set("group", model.reference.group);
    set("normalization", model.normalization);
    set("scale_gain", model.scale_gain);
  }
  if (model.row_step_log > 0) json["row_offsets"] = list(model.row_offsets);
  if (model.column_step_log > 0) json["column_offsets"] = list(model.column_offsets);
  if (model.is_predicted()) json["block_offsets"] = list(model.block_offsets);
  if (model.has_row_matches) {
    Json matches = Json::array();
    for (size_t row = 0; row + 1 < model.match_starts.size(); ++row) {
      for (size_t i = model.match_starts[row]; i < model.match_starts[row + 1]; ++i) {
        matches.push_back(list(std::array<int64_t, 3>{static_cast<int64_t>(row), model.row_matches[i].row,
                                                      model.row_matches[i].gain}));
      }
    }
    json["row_matches"] = std::move(matches);
  }
  return json;
}

/// Decodes a stream and notes what happens on the way.
class Trace {
 public:
  Trace(const std::vector<StreamTensor>& tensors, ByteView stream) : tensors_(tensors) {
    ByteReader reader(stream, "t");
    method_ = reader.read<uint8_t>();
    lane_log_ = reader.read<uint8_t>();
    uint64_t side_bytes = 4;
    bool has_int8 = false;
    for (const StreamTensor& tensor : tensors) {
      side_bytes += side_sizes_.emplace_back(reader.read_varint());
      words_.push_back(is_int8(tensor) ? reader.read_varint() : 0);
      has_int8 = has_int8 || is_int8(tensor);
    }
    side_.emplace(reader.take(side_bytes), "t");
    if (has_int8) {
      lanes_.emplace(reader.take(reader.remaining()), lane_form(method_), lane_log_, "t");
    }
  }

  Json run() {
    Json rows = Json::array();
    for (size_t i = 0; i < tensors_.size(); ++i) {
      Json row = Json::object();
      row["shape"] = list(tensors_[i].shape);
      row["element_bytes"] = static_cast<int64_t>(tensors_[i].element_bytes);
      row["side_bytes"] = static_cast<int64_t>(side_sizes_[i]);
      if (is_int8(tensors_[i])) {
        row["words"] = static_cast<int64_t>(words_[i]);
        decode_int8(tensors_[i], row);
      } else {
        decode_words(tensors_[i]);
      }
      const bool is_constant = row.find("model") != nullptr && row.find("model")->find("shape") == nullptr;
      if (!is_constant) row["decoded"] = hex(values_.back());
      rows.push_back(std::move(row));
    }
    side_->expect_end();
    if (lanes_) lanes_->expect_end();
    return rows;
  }
  Bytes decoded() const {
    Bytes all;
    for (const Bytes& bytes : values_) all.insert(all.end(), bytes.begin(), bytes.end());
    return all;
  }

 private:
  void decode_words(const StreamTensor& tensor) {
    Bytes& bytes = values_.emplace_back(tensor.bytes());
    const bool are_scales =
        tensor.element_bytes == 2 && !norms_.empty() && tensor.bytes() == 2 * norms_.size();
    if (!bytes.empty()) {
      word_coder_.code(*side_, tensor.element_bytes, are_scales ? norms_ : std::vector<int>(), bytes);
    }
    for (size_t r = 0; are_scales && r < norms_.size(); ++r) {
      const int scale = std::to_integer<int>(bytes[2 * r]) | std::to_integer<int>(bytes[2 * r + 1]) << 8;
      history_.tensors.back().row_logs[r] += scale & 0x7fff;
    }
    norms_.clear();
  }

  void decode_int8(const StreamTensor& tensor, Json& row) {
    Bytes& bytes = values_.emplace_back(tensor.bytes());
    const std::span values(reinterpret_cast<int8_t*>(bytes.data()), bytes.size());
    const MatrixView natural = natural_view(tensor.shape);
    TensorModel model;
    code_tensor_model(*side_, method_, natural, model,
                      [&](const TensorModel& of) { return predicted_row_logs(of, history_); });
    row["model"] = model_fields(model);
    if (model.is_constant()) {
      std::ranges::fill(values, static_cast<int8_t>(model.lowest));
    } else {
      decode_values(model, values, row);
    }
    norms_ = row_norm_logs(values, natural);
    history_.tensors.push_back({values, natural, norms_});
  }

  void decode_values(const TensorModel& model, std::span<int8_t> values, Json& row) {
    const MutableInt8Values out(values, model);
    const Distribution distribution(model.shape, model.lowest, model.highest, model.has_absmax_symbols());
    Json noted = Json::array();
    Moments moments = walk_tensor(
        model, history_, [](size_t, size_t, std::span<int8_t>) {},
        [&](const ColumnStep& step, std::span<int8_t> column) {
          for (size_t r = 0; r < step.rows; ++r) {
            column[r] = 0;
            if (step.is_zero_row(model, r)) continue;
            const Prediction at = step.prediction(model, distribution, r);
            const uint32_t slot = lanes_->slot(r);
            const auto found = distribution.find(slot, at);
            lanes_->take(r, found.begin, found.size);
            column[r] = static_cast<int8_t>(found.value);
            if (r > 0 || !is_noted(model, step)) continue;
            Json value = Json::object();
            value["row"] = static_cast<int64_t>(step.first_row);
            value["column"] = static_cast<int64_t>(step.column);
            value["mean"] = static_cast<int64_t>(at.mean_q4);
            value["scale"] = static_cast<int64_t>(at.scale);
            value["e"] = static_cast<int64_t>(at.escape_mass);
            value["slot"] = static_cast<int64_t>(slot);
            value["begin"] = static_cast<int64_t>(found.begin);
            value["size"] = static_cast<int64_t>(found.size);
            value["value"] = static_cast<int64_t>(found.value);
            noted.push_back(std::move(value));
          }
        },
        [&](size_t first, size_t count, std::span<const int8_t> block) { out.scatter(first, count, block); });
    if (model.slot > 0) history_.statistics[static_cast<size_t>(model.slot)] = std::move(moments);
    row["values"] = std::move(noted);
  }

  /// First, second and last column of the first two blocks and of the last.
  static bool is_noted(const TensorModel& model, const ColumnStep& step) {
    const size_t block = step.first_row >> model.block_log;
    return (block < 2 || block + 1 == model.block_count()) &&
           (step.column < 2 || step.column + 1 == model.view.columns);
  }

  const std::vector<StreamTensor>& tensors_;
  int method_ = 0;
  int lane_log_ = 0;
  std::vector<uint64_t> side_sizes_;
  std::vector<uint64_t> words_;
  std::optional<RangeDecoder> side_;
  std::optional<LaneDecoder> lanes_;
  WordCoder word_coder_;
  std::vector<int> norms_;
  StreamHistory history_;
  std::vector<Bytes> values_;
};

/// Rows of an orthogonal matrix: a Hadamard matrix times signs times the same.
std::vector<int> orthogonal_tensor(int size) {
  std::mt19937 generator(31);
  std::vector<int> signs;
  for (int i = 0; i < size; ++i) signs.push_back(generator() % 2 == 0 ? 1 : -1);
  const auto sign = [](int i, int j) { return __builtin_parity(static_cast<unsigned>(i & j)) != 0 ? -1 : 1; };
  std::vector<int> values;
  for (int r = 0; r < size; ++r) {
    for (int c = 0; c < size; ++c) {
      int sum = 0;
      for (int k = 0; k < size; ++k) sum += sign(r, k) * signs[static_cast<size_t>(k)] * sign(k, c);
      values.push_back(sum / 2);
    }
  }
  return values;
}

/// The second half of the rows resembles the first.
std::vector<int> twin_tensor(int rows, int columns) {
  std::mt19937 generator(32);
  std::vector<int> values;
  for (int i = 0; i < rows * columns / 2; ++i) values.push_back(test::bell(generator, 20));
  for (int i = 0; i < rows * columns / 2; ++i) {
    values.push_back(values[static_cast<size_t>(i)] + test::bell(generator, 2));
  }
  return values;
}

struct Vector {
  std::string name;
  int level = 1;
  GolfStream stream;
};

/// A constant tensor, which takes three bytes, so that the stream has four lanes.
void add_lanes(GolfStream& stream) { test::add_int8(stream, {128, 128}, std::vector<int>(128 * 128, 1)); }

/// Hidden units whose inputs are as large as their outputs.
void add_layers(GolfStream& stream) {
  constexpr int kRows = 96;
  constexpr int kWidth = 16;
  GolfStream layers = test::layers_of_units(2, kRows, kWidth, 1);
  size_t at = 0;
  for (const StreamTensor& tensor : layers.tensors) {
    for (int i = 0; tensor.shape == Shape{kRows, kWidth} && i < kRows * kWidth; ++i) {
      std::byte& byte = layers.joined[at + static_cast<size_t>(i)];
      byte = static_cast<std::byte>(static_cast<int8_t>(byte) * (2 + i / kWidth * 7 % 5) / 4);
    }
    at += tensor.bytes();
  }
  stream.tensors.insert(stream.tensors.end(), layers.tensors.begin(), layers.tensors.end());
  stream.joined.insert(stream.joined.end(), layers.joined.begin(), layers.joined.end());
}

std::vector<Vector> vectors() {
  std::mt19937 noise(34);
  std::vector<Vector> all;
  const auto add = [&](const char* name, int level) -> GolfStream& {
    return all.emplace_back(Vector{name, level, {}}).stream;
  };
  {
    GolfStream& stream = add("tiny", 1);
    test::add_int8(stream, {2, 3}, {0, 1, -1, 2, -2, 0});
    test::add_int8(stream, {0}, {});  // the offsets of a tensor without offsets
  }
  {
    GolfStream& stream = add("static", 2);
    std::vector<int> rows = test::scaled_tensor(40, 16, 6, 1);
    std::fill_n(rows.begin() + 5 * 16, 32, 0);
    test::add_int8(stream, {40, 16}, rows);
    test::add_words(stream, 2, 40, 2);
    test::add_int8(stream, {9, 6, 5}, test::scaled_tensor(9, 30, 5, 3));
    test::add_int8(stream, {4}, {3, 3, 3, 3});
    test::add_words(stream, 4, 5, 4);
    test::add_int8(stream, {120, 60}, test::scaled_tensor(120, 60, 3, 5));
  }
  {
    GolfStream& stream = add("absmax", 4);
    test::add_int8(stream, {40, 24}, test::absmax_tensor(40, 24, 31, 6));
    test::add_int8(stream, {12, 60}, test::absmax_tensor(12, 60, 31, 7));
  }
  {
    GolfStream& stream = add("covariance", 3);
    add_lanes(stream);
    test::add_int8(stream, {96, 12}, test::correlated_tensor(96, 12, 8));
  }
  test::add_int8(add("inverse", 5), {32, 32}, orthogonal_tensor(32));
  {
    GolfStream& stream = add("matches", 5);
    add_lanes(stream);
    test::add_int8(stream, {48, 32}, twin_tensor(48, 32));
  }
  {
    GolfStream& stream = add("reversed", 5);
    add_lanes(stream);
    std::vector<int> rows = test::correlated_tensor(240, 8, 33);
    for (int i = 0; i < 80 * 8; ++i) rows[static_cast<size_t>(i)] = test::bell(noise, 12);
    test::add_int8(stream, {240, 8}, rows);
  }
  {
    GolfStream& stream = add("reference", 9);
    add_lanes(stream);
    add_layers(stream);
  }
  return all;
}

std::string folder() { return test::source_file("tests/data/golf_vectors/"); }

void write_vector(const Vector& vector) {
  const Bytes encoded = encode_golf_stream(vector.stream.tensors, vector.stream.joined, vector.level);
  Trace trace(vector.stream.tensors, encoded);
  // One line a tensor.
  std::string text = fmt::format("{{\"stream\": \"{}\",\n \"tensors\": [", hex(encoded));
  const Json rows = trace.run();
  for (const Json& row : rows.as_array())
    text += (&row == &rows.as_array().front() ? "\n  " : ",\n  ") + row.dump();
  write_file_atomic(folder() + vector.name + ".json", as_bytes(text + "]}\n"));
}

TEST(GolfVectors, DecodeWithTheListedIntermediateValues) {
  for (const Vector& vector : vectors()) {
    if (std::getenv("GOLF_WRITE_VECTORS") != nullptr) write_vector(vector);
    const std::string path = folder() + vector.name + ".json";
    const Json json = parse_json(as_text(read_file(path)), path);
    const Bytes stream = from_hex(json.at("stream").as_string());
    std::vector<StreamTensor> tensors;
    for (const Json& row : json.at("tensors").as_array()) {
      StreamTensor& tensor = tensors.emplace_back();
      for (const Json& size : row.at("shape").as_array()) tensor.shape.push_back(size.as_int());
      tensor.element_bytes = static_cast<uint64_t>(row.at("element_bytes").as_int());
    }
    Trace trace(tensors, stream);
    EXPECT_EQ(trace.run().dump(), json.at("tensors").dump()) << vector.name;
    EXPECT_EQ(trace.decoded(), decode_golf_stream(tensors, stream, vector.name)) << vector.name;
    EXPECT_EQ(trace.decoded(), vector.stream.joined) << vector.name;
  }
}

}  // namespace
}  // namespace golf
