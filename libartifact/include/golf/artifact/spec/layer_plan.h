#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "golf/artifact/base/json.h"

namespace golf {

struct ModelConfig;

/// How a call reads and writes the residual stream.
///   kSerial    attention, then the MLP on what attention gave
///   kParallel  attention and MLP read the same stream, both are added to it (PR 1493)
///   kTwoLanes  attention reads lane 0, the MLP lane 1; each writes to both (PR 1855)
enum class LaneLayout { kSerial, kParallel, kTwoLanes };
std::string_view layout_name(LaneLayout layout);
/// What two lanes become after the last call.
enum class LaneMerge { kMean, kAttention, kMlp };
std::string_view merge_name(LaneMerge merge);

/// One run of a block. A block may run several times with the same weights.
struct LayerCall {
  int64_t block = 0;
  LaneLayout layout = LaneLayout::kSerial;
  int64_t push = -1;      ///< skip that keeps this call's output; -1 for none
  int64_t pop = -1;       ///< skip that is added before this call; -1 for none
  int64_t skip_row = -1;  ///< row of skip_weights that belongs to `pop`

  bool operator==(const LayerCall&) const = default;
};

/// The calls of one forward pass in their order. The first half, rounded down, is the encoder: its outputs
/// are skips that the decoder takes in reverse order.
struct LayerPlan {
  std::vector<LayerCall> calls;
  int64_t encoder_calls = 0;
  LaneMerge merge = LaneMerge::kMean;

  int64_t skip_count() const;
  int64_t calls_of(int64_t block) const;
  bool has_two_lanes() const;
  bool operator==(const LayerPlan&) const = default;
};

/// The plan of a model. @param recurrence  off: each block runs once, as before a training run turns the
/// recurrence on
LayerPlan layer_plan(const ModelConfig& config, bool recurrence = true);

/// {"calls": [{"block", "layout", "push", "pop", "skip_row"}, …], "encoder_calls", "merge"}
Json to_json(const LayerPlan& plan);

}  // namespace golf
