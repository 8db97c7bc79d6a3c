#include "encode/golf/static_coder.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <optional>

#include "encode/codecs.h"
#include "encode/golf/distribution.h"
#include "encode/golf/lanes.h"
#include "encode/golf/plane_fit.h"
#include "encode/golf/plane_walk.h"
#include "encode/golf/word_model.h"

namespace golf {
namespace {

/// Models of members that are no planes; they go on from member to member.
class WordCoder {
 public:
  /// `norm_logs`: of the plane just before, empty when there was none.
  template <class Coder>
  void code(Coder& coder, const PlaneMember& member, std::span<const int> norm_logs,
            std::span<std::byte> bytes) {
    const size_t width = member.element_bytes;
    if (width == 2 && bytes.size() == 2 * norm_logs.size()) {
      scales_.begin_member();
      for (size_t i = 0; i < norm_logs.size(); ++i) {
        uint16_t word;
        std::memcpy(&word, &bytes[2 * i], sizeof(word));
        word = scales_.code(coder, word, norm_logs[i]);
        std::memcpy(&bytes[2 * i], &word, sizeof(word));
      }
      return;
    }
    WordModel& model = models_.try_emplace(width, width).first->second;
    for (size_t at = 0; at < bytes.size(); at += width) model.code(coder, bytes.subspan(at, width));
  }

 private:
  std::map<size_t, WordModel> models_;  ///< by width
  RowScaleModel scales_;
};

constexpr int kUnpredictedEffort = 2;

/// Prediction needs memory and time in proportion to the values: there must be half a bit for each, or few.
bool may_predict(uint64_t stream_bytes, const PlaneModel& model) {
  return model.view.rows * model.view.columns <= (uint64_t{1} << 20) + 16 * stream_bytes;
}

/// Four bytes a lane: few lanes for little data, many for fast decoding.
int choose_lane_log(std::span<const PlaneMember> members, int effort) {
  constexpr uint64_t kValuesPerLane = 4096;
  constexpr int kFewLanesLog = 5;
  const int most = effort <= 3 ? kMaxLaneLog : kFewLanesLog;
  uint64_t values = 0;
  for (const PlaneMember& member : members) values += is_plane(member) ? member.bytes() : 0;
  int lane_log = 0;
  while (lane_log < most && (uint64_t{kValuesPerLane} << (lane_log + 1)) <= values) ++lane_log;
  return lane_log;
}

void encode_plane(const PlaneModel& model, PlaneValues values, LaneEncoder& lanes) {
  const Distribution distribution(model.shape, model.lowest, model.highest, model.has_peaks());
  walk_plane(
      model, [&](size_t first, size_t count, std::span<int8_t> block) { values.gather(first, count, block); },
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

void decode_plane(const PlaneModel& model, MutablePlaneValues values, LaneDecoder& lanes) {
  const Distribution distribution(model.shape, model.lowest, model.highest, model.has_peaks());
  walk_plane(
      model, [](size_t, size_t, std::span<int8_t>) {},
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

void check_model(const PlaneModel& model, int lane_log, uint64_t stream_bytes, const std::string& what) {
  const auto refuse = [&](std::string_view reason) { fail_damaged(what, "golf", reason); };
  if (model.lowest > model.highest) refuse("its least value is above its greatest");
  if (model.is_constant()) return;
  if (model.base >= kScaleCount) refuse("a scale is out of range");
  if (model.block_log > lane_log) refuse("its blocks have more rows than there are lanes");
  if (!model.is_predicted()) return;
  if (model.prediction > PredictionKind::kOrthogonality)
    refuse("its prediction is not known to this version");
  if (model.view.columns > LinearPredictor::kMaxColumns) refuse("it predicts more columns than are allowed");
  if (!may_predict(stream_bytes, model)) refuse("it is too short for what it predicts");
  for (size_t row = 0; row + 1 < model.reference_starts.size(); ++row) {
    for (size_t i = model.reference_starts[row]; i < model.reference_starts[row + 1]; ++i) {
      if (model.references[i].row >= referable_rows(model, row)) refuse("a row refers to a later one");
    }
  }
}

}  // namespace

bool is_plane(const PlaneMember& member) { return member.element_bytes == 1 && member.bytes() > 0; }

StaticStream encode_static(std::span<const PlaneMember> members, ByteView joined, int effort) {
  StaticStream stream{.lane_log = choose_lane_log(members, effort)};
  RangeEncoder side;
  LaneEncoder lanes(stream.lane_log);
  WordCoder words;
  std::vector<int> norm_logs;
  std::vector<PlaneModel> predicted;
  bool has_planes = false;
  ByteView rest = joined;
  for (const PlaneMember& member : members) {
    const ByteView bytes = rest.first(member.bytes());
    rest = rest.subspan(bytes.size());
    const uint64_t before = side.position();
    std::vector<int> next_norm_logs;
    if (is_plane(member)) {
      const std::span values(reinterpret_cast<const int8_t*>(bytes.data()), bytes.size());
      const PlaneView natural = natural_view(member.shape);
      PlaneModel model = fit_plane(values, natural, {.max_block_log = stream.lane_log, .effort = effort});
      code_plane_model(side, natural, model);
      if (!model.is_constant()) encode_plane(model, PlaneValues(values, model), lanes);
      next_norm_logs = row_norm_logs(values, natural);
      has_planes = true;
      if (model.is_predicted()) predicted.push_back({.view = model.view});
    } else if (!bytes.empty()) {
      Bytes copy(bytes.begin(), bytes.end());
      words.code(side, member, norm_logs, copy);
    }
    norm_logs = std::move(next_norm_logs);
    lanes.end_member();
    stream.side_bytes.push_back(side.position() - before);
  }
  stream.side = side.finish();
  LaneEncoder::Result coded = lanes.finish();
  stream.words = std::move(coded.member_words);
  if (has_planes) stream.lanes = std::move(coded.bytes);

  // No reader would predict so much from so little.
  const uint64_t stream_bytes = stream.side.size() + stream.lanes.size();
  const auto is_allowed = [&](const PlaneModel& model) { return may_predict(stream_bytes, model); };
  const bool allowed = std::all_of(predicted.begin(), predicted.end(), is_allowed);
  return allowed ? std::move(stream) : encode_static(members, joined, kUnpredictedEffort);
}

void decode_static(std::span<const PlaneMember> members, const StaticStream& sizes, ByteView side_bytes,
                   ByteView lane_bytes, const std::string& what, std::span<std::byte> joined) {
  RangeDecoder side(side_bytes, what);
  std::optional<LaneDecoder> lanes;
  if (std::any_of(members.begin(), members.end(), is_plane)) lanes.emplace(lane_bytes, sizes.lane_log, what);
  WordCoder words;
  std::vector<int> norm_logs;
  std::span<std::byte> rest = joined;
  for (size_t i = 0; i < members.size(); ++i) {
    const std::span<std::byte> bytes = rest.first(members[i].bytes());
    rest = rest.subspan(bytes.size());
    const uint64_t side_before = side.position();
    const uint64_t words_before = lanes ? lanes->position() : 0;
    std::vector<int> next_norm_logs;
    if (is_plane(members[i])) {
      const std::span values(reinterpret_cast<int8_t*>(bytes.data()), bytes.size());
      PlaneModel model;
      code_plane_model(side, natural_view(members[i].shape), model);
      check_model(model, sizes.lane_log, side_bytes.size() + lane_bytes.size(), what);
      if (model.is_constant()) {
        std::fill(values.begin(), values.end(), static_cast<int8_t>(model.lowest));
      } else {
        decode_plane(model, MutablePlaneValues(values, model), *lanes);
      }
      next_norm_logs = row_norm_logs(values, natural_view(members[i].shape));
    } else if (!bytes.empty()) {
      words.code(side, members[i], norm_logs, bytes);
    }
    norm_logs = std::move(next_norm_logs);
    const uint64_t word_count = lanes ? lanes->position() - words_before : 0;
    if (side.position() - side_before != sizes.side_bytes[i] || word_count != sizes.words[i]) {
      fail_damaged(what, "golf", "a member's size is not the one declared");
    }
  }
  side.expect_end();
  if (lanes) lanes->expect_end();
}

}  // namespace golf
