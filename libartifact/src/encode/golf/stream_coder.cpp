#include "encode/golf/stream_coder.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include "encode/codec_source.h"
#include "encode/golf/compression_levels.h"
#include "encode/golf/entropy_coders.h"
#include "encode/golf/number_models.h"
#include "encode/golf/search/model_search.h"
#include "encode/golf/tensor_walk.h"

namespace golf {
namespace {

/// Whether the tensor has a float16 number for each row of the int8 tensor directly before it.
bool are_row_scales(const StreamTensor& tensor, std::span<const int> norm_logs) {
  return tensor.element_bytes == 2 && !norm_logs.empty() && tensor.bytes() == 2 * norm_logs.size();
}

/// The bits of a positive float16 number are nearly its logarithm in 1/1024.
void add_scales(std::span<const std::byte> scales, std::vector<int>& row_logs) {
  for (size_t i = 0; i < row_logs.size(); ++i) {
    uint16_t word;
    std::memcpy(&word, &scales[2 * i], sizeof(word));
    row_logs[i] += word & 0x7fff;
  }
}

/// Numbers that prediction keeps in memory: values, and with a reference tensor the products of all columns.
uint64_t predicted_numbers(const TensorModel& model, const StreamHistory& history) {
  const uint64_t values = model.view.rows * model.view.columns;
  if (!model.has_reference()) return values;
  const uint64_t columns =
      model.view.columns + history.reference(model)->view(model.reference.transposed).columns;
  return std::max(values, columns * columns);
}

/// Prediction takes memory and time in proportion: there must be half a bit for each number, or few numbers.
bool may_predict(uint64_t stream_bytes, uint64_t numbers) {
  return numbers <= (uint64_t{1} << 20) + 16 * stream_bytes;
}

/// A lane takes four bytes: few lanes for little data, many for fast decoding.
int choose_lane_log(std::span<const StreamTensor> tensors, int max_lane_log) {
  constexpr uint64_t kValuesPerLane = 4096;
  uint64_t values = 0;
  for (const StreamTensor& tensor : tensors) values += is_int8(tensor) ? tensor.bytes() : 0;
  int lane_log = 0;
  while (lane_log < max_lane_log && (uint64_t{kValuesPerLane} << (lane_log + 1)) <= values) ++lane_log;
  return lane_log;
}

Moments encode_values(const TensorModel& model, const StreamHistory& history, Int8Values values,
                      LaneEncoder& lanes) {
  const Distribution distribution(model.shape, model.lowest, model.highest, model.has_absmax_symbols());
  return walk_tensor(
      model, history,
      [&](size_t first, size_t count, std::span<int8_t> block) { values.gather(first, count, block); },
      [&](const ColumnStep& step, std::span<const int8_t> column) {
        lanes.begin_step();
        for (size_t r = 0; r < step.rows; ++r) {
          if (step.is_zero_row(model, r)) {
            lanes.put(0, kProbabilityOne);
            continue;
          }
          const Prediction at = step.prediction(model, distribution, r);
          const uint32_t begin = distribution.below(column[r], at);
          lanes.put(begin, distribution.below(column[r] + 1, at) - begin);
        }
      },
      [](size_t, size_t, std::span<const int8_t>) {});
}

Moments decode_values(const TensorModel& model, const StreamHistory& history, MutableInt8Values values,
                      LaneDecoder& lanes) {
  const Distribution distribution(model.shape, model.lowest, model.highest, model.has_absmax_symbols());
  return walk_tensor(
      model, history, [](size_t, size_t, std::span<int8_t>) {},
      [&](const ColumnStep& step, std::span<int8_t> column) {
        for (size_t r = 0; r < step.rows; ++r) {
          if (step.is_zero_row(model, r)) {
            column[r] = 0;
            continue;
          }
          const Prediction at = step.prediction(model, distribution, r);
          const auto found = distribution.find(lanes.slot(r), at);
          lanes.take(r, found.begin, found.size);
          column[r] = static_cast<int8_t>(found.value);
        }
      },
      [&](size_t first, size_t count, std::span<const int8_t> block) {
        values.scatter(first, count, block);
      });
}

/// Refuses a reference tensor whose rows do not fit, or that asks for much work on few values.
void check_reference(const TensorModel& model, const StreamHistory& history, const std::string& what) {
  const auto refuse = [&](std::string_view reason) { fail_damaged(what, "golf", reason); };
  const Int8Tensor* source = history.reference(model);
  if (source == nullptr) refuse("a reference tensor is not there");
  if (model.normalization >= kScaleCount || model.has_row_matches ||
      model.block_log > kMaxReferenceBlockLog) {
    refuse("what it says of its reference tensor contradicts itself");
  }
  if (!may_follow(source->view(model.reference.transposed), model.reference.group, model.view)) {
    refuse("a reference tensor does not fit");
  }
}

void check_model(const TensorModel& model, const StreamHistory& history, int lane_log, uint64_t stream_bytes,
                 const std::string& what) {
  const auto refuse = [&](std::string_view reason) { fail_damaged(what, "golf", reason); };
  if (model.lowest > model.highest) refuse("its least value is above its greatest");
  if (model.is_constant()) return;
  if (model.base >= kScaleCount) refuse("a scale is out of range");
  if (model.block_log > lane_log) refuse("its blocks have more rows than there are lanes");
  if (!model.is_predicted()) return;
  if (model.view.columns > LinearPredictor::kMaxColumns) refuse("it predicts more columns than are allowed");
  if (model.has_reference()) check_reference(model, history, what);
  if (!may_predict(stream_bytes, predicted_numbers(model, history))) {
    refuse("it is too short for what it predicts");
  }
  for (size_t row = 0; row + 1 < model.match_starts.size(); ++row) {
    for (size_t i = model.match_starts[row]; i < model.match_starts[row + 1]; ++i) {
      if (model.row_matches[i].row >= model.matchable_rows(row)) refuse("a row refers to a later one");
    }
  }
}

std::vector<Int8Tensor> int8_tensors(std::span<const StreamTensor> tensors, ByteView joined) {
  std::vector<Int8Tensor> found;
  for (const StreamTensor& tensor : tensors) {
    const auto* values = reinterpret_cast<const int8_t*>(joined.data());
    if (is_int8(tensor)) found.push_back({{values, tensor.bytes()}, natural_view(tensor.shape)});
    joined = joined.subspan(tensor.bytes());
  }
  return found;
}

}  // namespace

bool is_int8(const StreamTensor& tensor) { return tensor.element_bytes == 1 && tensor.bytes() > 0; }

CodedStream encode_tensors(std::span<const StreamTensor> tensors, ByteView joined, int level) {
  const CompressionLevel& options = compression_level(level);
  CodedStream stream{.lane_log = choose_lane_log(tensors, options.max_lane_log)};
  RangeEncoder side;
  LaneEncoder lanes(stream.lane_log);
  WordCoder words;
  std::vector<int> norm_logs;
  uint64_t most_predicted = 0;
  const std::vector<Int8Tensor> sources = int8_tensors(tensors, joined);
  std::vector<std::optional<TensorRelation>> relations(sources.size());
  if (options.relate_tensors) relations = find_relations(sources);
  StreamHistory history;
  const auto predict_logs = [&](const TensorModel& model) { return predicted_row_logs(model, history); };
  ByteView rest = joined;
  for (const StreamTensor& tensor : tensors) {
    const ByteView bytes = rest.first(tensor.bytes());
    rest = rest.subspan(bytes.size());
    const uint64_t before = side.position();
    std::vector<int> next_norm_logs;
    if (is_int8(tensor)) {
      const size_t index = history.tensors.size();
      const Int8Tensor& source = sources[index];
      TensorModel model = search_model(source, options, stream.lane_log, history, relations[index]);
      if (model.is_predicted()) most_predicted = std::max(most_predicted, predicted_numbers(model, history));
      code_tensor_model(side, stream.method, source.natural, model, predict_logs);
      if (!model.is_constant()) {
        Moments moments = encode_values(model, history, Int8Values(source.values, model), lanes);
        if (model.slot > 0) history.statistics[static_cast<size_t>(model.slot)] = std::move(moments);
      }
      next_norm_logs = row_norm_logs(source.values, source.natural);
      history.tensors.push_back({source.values, source.natural, next_norm_logs});
    } else if (!bytes.empty()) {
      Bytes copy(bytes.begin(), bytes.end());
      const bool are_scales = are_row_scales(tensor, norm_logs);
      words.code(side, tensor.element_bytes, are_scales ? norm_logs : std::vector<int>(), copy);
      if (are_scales) add_scales(copy, history.tensors.back().row_logs);
    }
    norm_logs = std::move(next_norm_logs);
    lanes.end_tensor();
    stream.side_bytes.push_back(side.position() - before);
  }
  stream.side = side.finish();
  LaneEncoder::Result coded = lanes.finish();
  stream.words = std::move(coded.tensor_words);
  if (!sources.empty()) stream.lanes = std::move(coded.bytes);

  // No reader would predict so much from so few bytes.
  const uint64_t stream_bytes = stream.side.size() + stream.lanes.size();
  if (!may_predict(stream_bytes, most_predicted)) return encode_tensors(tensors, joined, kUnpredictedLevel);
  return stream;
}

void decode_tensors(std::span<const StreamTensor> tensors, const CodedStream& sizes, ByteView side_bytes,
                    ByteView lane_bytes, const std::string& what, std::span<std::byte> joined) {
  RangeDecoder side(side_bytes, what);
  std::optional<LaneDecoder> lanes;
  if (std::ranges::any_of(tensors, is_int8)) {
    lanes.emplace(lane_bytes, lane_form(sizes.method), sizes.lane_log, what);
  }
  WordCoder words;
  std::vector<int> norm_logs;
  StreamHistory history;
  const auto predict_logs = [&](const TensorModel& model) { return predicted_row_logs(model, history); };
  std::span<std::byte> rest = joined;
  for (size_t i = 0; i < tensors.size(); ++i) {
    const std::span<std::byte> bytes = rest.first(tensors[i].bytes());
    rest = rest.subspan(bytes.size());
    const uint64_t side_before = side.position();
    const uint64_t words_before = lanes ? lanes->position() : 0;
    std::vector<int> next_norm_logs;
    if (is_int8(tensors[i])) {
      const std::span values(reinterpret_cast<int8_t*>(bytes.data()), bytes.size());
      const MatrixView natural = natural_view(tensors[i].shape);
      TensorModel model;
      code_tensor_model(side, sizes.method, natural, model, predict_logs);
      check_model(model, history, sizes.lane_log, side_bytes.size() + lane_bytes.size(), what);
      if (model.is_constant()) {
        std::ranges::fill(values, static_cast<int8_t>(model.lowest));
      } else {
        Moments moments = decode_values(model, history, MutableInt8Values(values, model), *lanes);
        if (model.slot > 0) history.statistics[static_cast<size_t>(model.slot)] = std::move(moments);
      }
      next_norm_logs = row_norm_logs(values, natural);
      history.tensors.push_back({values, natural, next_norm_logs});
    } else if (!bytes.empty()) {
      const bool are_scales = are_row_scales(tensors[i], norm_logs);
      words.code(side, tensors[i].element_bytes, are_scales ? norm_logs : std::vector<int>(), bytes);
      if (are_scales) add_scales(bytes, history.tensors.back().row_logs);
    }
    norm_logs = std::move(next_norm_logs);
    const uint64_t word_count = lanes ? lanes->position() - words_before : 0;
    if (side.position() - side_before != sizes.side_bytes[i] || word_count != sizes.words[i]) {
      fail_damaged(what, "golf", "a tensor's size is not the one declared");
    }
  }
  side.expect_end();
  if (lanes) lanes->expect_end();
}

}  // namespace golf
