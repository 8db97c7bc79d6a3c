#include "encode/golf/static_coder.h"

#include <algorithm>
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

/// Word models by element width; they go on from member to member.
using WordModels = std::map<uint64_t, WordModel>;

template <class Coder>
void code_words(Coder& coder, WordModels& models, uint64_t element_bytes, std::span<std::byte> bytes) {
  WordModel& model = models.try_emplace(element_bytes, element_bytes).first->second;
  for (size_t at = 0; at < bytes.size(); at += element_bytes)
    model.code(coder, bytes.subspan(at, element_bytes));
}

/// Four bytes a lane: few lanes for little data, many for fast decoding.
int choose_lane_log(std::span<const PlaneMember> members) {
  constexpr uint64_t kValuesPerLane = 4096;
  uint64_t values = 0;
  for (const PlaneMember& member : members) values += is_plane(member) ? member.bytes() : 0;
  int lane_log = 0;
  while (lane_log < kMaxLaneLog && (uint64_t{kValuesPerLane} << (lane_log + 1)) <= values) ++lane_log;
  return lane_log;
}

void encode_plane(const PlaneModel& model, PlaneValues values, LaneEncoder& lanes) {
  const Distribution distribution(model.shape, model.lowest, model.highest);
  walk_plane(
      model, [&](size_t first, size_t count, std::span<int8_t> block) { values.gather(first, count, block); },
      [&](const ColumnStep& step, std::span<const int8_t> column) {
        lanes.begin_step();
        for (size_t r = 0; r < step.rows; ++r) {
          if (step.is_zero_row(model, r)) {
            lanes.put(0, kProbabilityOne);
            continue;
          }
          const Prediction at{step.means_q4[r], step.row_scale(model, r)};
          const uint32_t begin = distribution.below(column[r], at);
          lanes.put(begin, distribution.below(column[r] + 1, at) - begin);
        }
      },
      [](size_t, size_t, std::span<const int8_t>) {});
}

void decode_plane(const PlaneModel& model, MutablePlaneValues values, LaneDecoder& lanes) {
  const Distribution distribution(model.shape, model.lowest, model.highest);
  walk_plane(
      model, [](size_t, size_t, std::span<int8_t>) {},
      [&](const ColumnStep& step, std::span<int8_t> column) {
        for (size_t r = 0; r < step.rows; ++r) {
          if (step.is_zero_row(model, r)) {
            column[r] = 0;
            continue;
          }
          const Prediction at{step.means_q4[r], step.row_scale(model, r)};
          const auto found = distribution.find(lanes.slot(r), at);
          lanes.take(r, found.begin, found.size);
          column[r] = static_cast<int8_t>(found.value);
        }
      },
      [&](size_t first, size_t count, std::span<const int8_t> block) {
        values.scatter(first, count, block);
      });
}

void check_model(const PlaneModel& model, int lane_log, const std::string& what) {
  const auto refuse = [&](std::string_view reason) { fail_damaged(what, "golf", reason); };
  if (model.lowest > model.highest) refuse("its least value is above its greatest");
  if (model.is_constant()) return;
  if (model.base >= kScaleCount) refuse("a scale is out of range");
  if (model.block_log > lane_log) refuse("its blocks have more rows than there are lanes");
  if (model.predicted && model.view.columns > LinearPredictor::kMaxColumns) {
    refuse("it predicts more columns than are allowed");
  }
}

}  // namespace

bool is_plane(const PlaneMember& member) { return member.element_bytes == 1 && member.bytes() > 0; }

StaticStream encode_static(std::span<const PlaneMember> members, ByteView joined, int effort) {
  StaticStream stream{.lane_log = choose_lane_log(members)};
  RangeEncoder side;
  LaneEncoder lanes(stream.lane_log);
  WordModels word_models;
  bool has_planes = false;
  for (const PlaneMember& member : members) {
    const ByteView bytes = joined.first(member.bytes());
    joined = joined.subspan(bytes.size());
    const uint64_t before = side.position();
    if (is_plane(member)) {
      const std::span values(reinterpret_cast<const int8_t*>(bytes.data()), bytes.size());
      const PlaneView natural = natural_view(member.shape);
      PlaneModel model = fit_plane(values, natural, {.max_block_log = stream.lane_log, .effort = effort});
      code_plane_model(side, natural, model);
      if (!model.is_constant()) encode_plane(model, PlaneValues(values, model), lanes);
      has_planes = true;
    } else if (!bytes.empty()) {
      Bytes copy(bytes.begin(), bytes.end());
      code_words(side, word_models, member.element_bytes, copy);
    }
    lanes.end_member();
    stream.side_bytes.push_back(side.position() - before);
  }
  stream.side = side.finish();
  LaneEncoder::Result coded = lanes.finish();
  stream.words = std::move(coded.member_words);
  if (has_planes) stream.lanes = std::move(coded.bytes);
  return stream;
}

Bytes decode_static(std::span<const PlaneMember> members, const StaticStream& sizes, ByteView side_bytes,
                    ByteView lane_bytes, const std::string& what) {
  RangeDecoder side(side_bytes, what);
  std::optional<LaneDecoder> lanes;
  if (std::any_of(members.begin(), members.end(), is_plane)) lanes.emplace(lane_bytes, sizes.lane_log, what);
  WordModels word_models;
  uint64_t total = 0;
  for (const PlaneMember& member : members) total += member.bytes();
  Bytes joined(total);
  std::span<std::byte> rest = joined;
  for (size_t i = 0; i < members.size(); ++i) {
    const std::span<std::byte> bytes = rest.first(members[i].bytes());
    rest = rest.subspan(bytes.size());
    const uint64_t side_before = side.position();
    const uint64_t words_before = lanes ? lanes->position() : 0;
    if (is_plane(members[i])) {
      const std::span values(reinterpret_cast<int8_t*>(bytes.data()), bytes.size());
      PlaneModel model;
      code_plane_model(side, natural_view(members[i].shape), model);
      check_model(model, sizes.lane_log, what);
      if (model.is_constant()) {
        std::fill(values.begin(), values.end(), static_cast<int8_t>(model.lowest));
      } else {
        decode_plane(model, MutablePlaneValues(values, model), *lanes);
      }
    } else if (!bytes.empty()) {
      code_words(side, word_models, members[i].element_bytes, bytes);
    }
    const uint64_t words = lanes ? lanes->position() - words_before : 0;
    if (side.position() - side_before != sizes.side_bytes[i] || words != sizes.words[i]) {
      fail_damaged(what, "golf", "a member's size is not the one declared");
    }
  }
  side.expect_end();
  if (lanes) lanes->expect_end();
  return joined;
}

}  // namespace golf
