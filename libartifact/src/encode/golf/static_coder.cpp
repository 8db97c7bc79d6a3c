#include "encode/golf/static_coder.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <optional>

#include "encode/codecs.h"
#include "encode/golf/companion_search.h"
#include "encode/golf/distribution.h"
#include "encode/golf/golf_codec.h"
#include "encode/golf/lanes.h"
#include "encode/golf/plane_fit.h"
#include "encode/golf/plane_values.h"
#include "encode/golf/plane_walk.h"
#include "encode/golf/word_model.h"

namespace golf {
namespace {

/// Whether the member has a float16 number for each row of the plane just before.
bool are_row_scales(const PlaneMember& member, std::span<const int> norm_logs) {
  return member.element_bytes == 2 && !norm_logs.empty() && member.bytes() == 2 * norm_logs.size();
}

/// The bits of a positive float16 number are nearly its logarithm in 1/1024.
void add_scales(std::span<const std::byte> scales, std::vector<int>& row_logs) {
  for (size_t i = 0; i < row_logs.size(); ++i) {
    uint16_t word;
    std::memcpy(&word, &scales[2 * i], sizeof(word));
    row_logs[i] += word & 0x7fff;
  }
}

/// Models of members that are no planes; they go on from member to member.
class WordCoder {
 public:
  /// `norm_logs`: of the plane just before, empty when there was none.
  template <class Coder>
  void code(Coder& coder, const PlaneMember& member, std::span<const int> norm_logs,
            std::span<std::byte> bytes) {
    const size_t width = member.element_bytes;
    if (are_row_scales(member, norm_logs)) {
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

/// Numbers that prediction keeps: values, and with a companion products of all columns.
uint64_t predicted_numbers(const PlaneModel& model, const PlaneHistory& history) {
  const uint64_t values = model.view.rows * model.view.columns;
  if (!model.has_companion()) return values;
  const uint64_t columns =
      model.view.columns + history.companion(model)->view(model.companion.transposed).columns;
  return std::max(values, columns * columns);
}

/// Prediction needs memory and time in proportion: there must be half a bit for each number, or few.
bool may_predict(uint64_t stream_bytes, uint64_t numbers) {
  return numbers <= (uint64_t{1} << 20) + 16 * stream_bytes;
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

Moments encode_plane(const PlaneModel& model, const PlaneHistory& history, PlaneValues values,
                     LaneEncoder& lanes) {
  const Distribution distribution(model.shape, model.lowest, model.highest, model.has_peaks());
  return walk_plane(
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

Moments decode_plane(const PlaneModel& model, const PlaneHistory& history, MutablePlaneValues values,
                     LaneDecoder& lanes) {
  const Distribution distribution(model.shape, model.lowest, model.highest, model.has_peaks());
  return walk_plane(
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

/// Refuses a companion whose rows do not fit, or that asks for much work on few values.
void check_companion(const PlaneModel& model, const PlaneHistory& history, const std::string& what) {
  const auto refuse = [&](std::string_view reason) { fail_damaged(what, "golf", reason); };
  const PlaneSource* source = history.companion(model);
  if (source == nullptr) refuse("a companion is not there");
  if (model.level >= kScaleCount || model.has_references || model.block_log > kMaxSharedBlockLog) {
    refuse("what it says of its companion contradicts itself");
  }
  if (!may_accompany(source->view(model.companion.transposed), model.companion.group, model.view)) {
    refuse("a companion does not fit");
  }
}

void check_model(const PlaneModel& model, const PlaneHistory& history, int lane_log, uint64_t stream_bytes,
                 const std::string& what) {
  const auto refuse = [&](std::string_view reason) { fail_damaged(what, "golf", reason); };
  if (model.lowest > model.highest) refuse("its least value is above its greatest");
  if (model.is_constant()) return;
  if (model.base >= kScaleCount) refuse("a scale is out of range");
  if (model.block_log > lane_log) refuse("its blocks have more rows than there are lanes");
  if (!model.is_predicted()) return;
  if (model.view.columns > LinearPredictor::kMaxColumns) refuse("it predicts more columns than are allowed");
  if (model.has_companion()) check_companion(model, history, what);
  if (!may_predict(stream_bytes, predicted_numbers(model, history))) {
    refuse("it is too short for what it predicts");
  }
  for (size_t row = 0; row + 1 < model.reference_starts.size(); ++row) {
    for (size_t i = model.reference_starts[row]; i < model.reference_starts[row + 1]; ++i) {
      if (model.references[i].row >= referable_rows(model, row)) refuse("a row refers to a later one");
    }
  }
}

std::vector<PlaneSource> plane_sources(std::span<const PlaneMember> members, ByteView joined) {
  std::vector<PlaneSource> planes;
  for (const PlaneMember& member : members) {
    const auto* values = reinterpret_cast<const int8_t*>(joined.data());
    if (is_plane(member)) planes.push_back({{values, member.bytes()}, natural_view(member.shape)});
    joined = joined.subspan(member.bytes());
  }
  return planes;
}

}  // namespace

bool is_plane(const PlaneMember& member) { return member.element_bytes == 1 && member.bytes() > 0; }

StaticStream encode_static(std::span<const PlaneMember> members, ByteView joined, int effort) {
  StaticStream stream{.lane_log = choose_lane_log(members, effort)};
  RangeEncoder side;
  LaneEncoder lanes(stream.lane_log);
  WordCoder words;
  std::vector<int> norm_logs;
  uint64_t most_predicted = 0;
  const std::vector<PlaneSource> planes = plane_sources(members, joined);
  std::vector<std::optional<Relation>> relations(planes.size());
  if (effort >= kLearningEffort) relations = find_relations(planes);
  PlaneHistory history;
  const auto hints_of = [&](const PlaneModel& model) { return row_hints(model, history); };
  ByteView rest = joined;
  for (const PlaneMember& member : members) {
    const ByteView bytes = rest.first(member.bytes());
    rest = rest.subspan(bytes.size());
    const uint64_t before = side.position();
    std::vector<int> next_norm_logs;
    if (is_plane(member)) {
      const PlaneSource& plane = planes[history.planes.size()];
      const FitOptions options{.max_block_log = stream.lane_log, .effort = effort};
      PlaneModel model = fit_plane(plane, options, history, relations[history.planes.size()]);
      if (model.is_predicted()) most_predicted = std::max(most_predicted, predicted_numbers(model, history));
      code_plane_model(side, plane.natural, model, hints_of);
      if (!model.is_constant()) {
        Moments moments = encode_plane(model, history, PlaneValues(plane.values, model), lanes);
        if (model.memory > 0) history.memories[static_cast<size_t>(model.memory)] = std::move(moments);
      }
      next_norm_logs = row_norm_logs(plane.values, plane.natural);
      history.planes.push_back({plane.values, plane.natural, next_norm_logs});
    } else if (!bytes.empty()) {
      Bytes copy(bytes.begin(), bytes.end());
      words.code(side, member, norm_logs, copy);
      if (are_row_scales(member, norm_logs)) add_scales(copy, history.planes.back().row_logs);
    }
    norm_logs = std::move(next_norm_logs);
    lanes.end_member();
    stream.side_bytes.push_back(side.position() - before);
  }
  stream.side = side.finish();
  LaneEncoder::Result coded = lanes.finish();
  stream.words = std::move(coded.member_words);
  if (!planes.empty()) stream.lanes = std::move(coded.bytes);

  // No reader would predict so much from so little.
  const uint64_t stream_bytes = stream.side.size() + stream.lanes.size();
  if (!may_predict(stream_bytes, most_predicted)) return encode_static(members, joined, kUnpredictedEffort);
  return stream;
}

void decode_static(std::span<const PlaneMember> members, const StaticStream& sizes, ByteView side_bytes,
                   ByteView lane_bytes, const std::string& what, std::span<std::byte> joined) {
  RangeDecoder side(side_bytes, what);
  std::optional<LaneDecoder> lanes;
  if (std::any_of(members.begin(), members.end(), is_plane)) lanes.emplace(lane_bytes, sizes.lane_log, what);
  WordCoder words;
  std::vector<int> norm_logs;
  PlaneHistory history;
  const auto hints_of = [&](const PlaneModel& model) { return row_hints(model, history); };
  std::span<std::byte> rest = joined;
  for (size_t i = 0; i < members.size(); ++i) {
    const std::span<std::byte> bytes = rest.first(members[i].bytes());
    rest = rest.subspan(bytes.size());
    const uint64_t side_before = side.position();
    const uint64_t words_before = lanes ? lanes->position() : 0;
    std::vector<int> next_norm_logs;
    if (is_plane(members[i])) {
      const std::span values(reinterpret_cast<int8_t*>(bytes.data()), bytes.size());
      const PlaneView natural = natural_view(members[i].shape);
      PlaneModel model;
      code_plane_model(side, natural, model, hints_of);
      check_model(model, history, sizes.lane_log, side_bytes.size() + lane_bytes.size(), what);
      if (model.is_constant()) {
        std::fill(values.begin(), values.end(), static_cast<int8_t>(model.lowest));
      } else {
        Moments moments = decode_plane(model, history, MutablePlaneValues(values, model), *lanes);
        if (model.memory > 0) history.memories[static_cast<size_t>(model.memory)] = std::move(moments);
      }
      next_norm_logs = row_norm_logs(values, natural);
      history.planes.push_back({values, natural, next_norm_logs});
    } else if (!bytes.empty()) {
      words.code(side, members[i], norm_logs, bytes);
      if (are_row_scales(members[i], norm_logs)) add_scales(bytes, history.planes.back().row_logs);
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
