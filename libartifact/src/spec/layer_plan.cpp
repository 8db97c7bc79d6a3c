#include "golf/artifact/spec/layer_plan.h"

#include <algorithm>
#include <numeric>

#include "golf/artifact/spec/feature_declaration.h"
#include "golf/artifact/spec/model_config.h"

namespace golf {
namespace {

/// Skips connect the encoder's last call with the decoder's first, and so on outwards.
void add_skips(LayerPlan& plan) {
  const int64_t encoder = plan.encoder_calls;
  const int64_t decoder = static_cast<int64_t>(plan.calls.size()) - encoder;
  for (int64_t i = 0; i < encoder; ++i) plan.calls[static_cast<size_t>(i)].push = i;
  for (int64_t row = 0; row < std::min(encoder, decoder); ++row) {
    LayerCall& call = plan.calls[static_cast<size_t>(encoder + row)];
    call.pop = encoder - 1 - row;
    call.skip_row = row;
  }
}

}  // namespace

std::string_view layout_name(LaneLayout layout) {
  switch (layout) {
    case LaneLayout::kParallel:
      return "parallel";
    case LaneLayout::kTwoLanes:
      return "two_lanes";
    default:
      return "serial";
  }
}

std::string_view merge_name(LaneMerge merge) {
  switch (merge) {
    case LaneMerge::kAttention:
      return "attention";
    case LaneMerge::kMlp:
      return "mlp";
    default:
      return "mean";
  }
}

int64_t LayerPlan::skip_count() const {
  return std::count_if(calls.begin(), calls.end(), [](const LayerCall& call) { return call.pop >= 0; });
}

int64_t LayerPlan::calls_of(int64_t block) const {
  return std::count_if(calls.begin(), calls.end(),
                       [&](const LayerCall& call) { return call.block == block; });
}

bool LayerPlan::has_two_lanes() const {
  return std::any_of(calls.begin(), calls.end(),
                     [](const LayerCall& call) { return call.layout == LaneLayout::kTwoLanes; });
}

LayerPlan layer_plan(const ModelConfig& config, bool recurrence) {
  std::vector<int64_t> blocks(static_cast<size_t>(config.num_layers));
  std::iota(blocks.begin(), blocks.end(), int64_t{0});
  for (const auto& [name, settings] : config.features) {
    const FeatureDeclaration& feature = find_feature(name);
    if (recurrence && feature.order_blocks != nullptr) feature.order_blocks(settings, blocks);
  }
  LayerPlan plan;
  for (const int64_t block : blocks) plan.calls.push_back({.block = block});
  plan.encoder_calls = static_cast<int64_t>(blocks.size()) / 2;
  if (config.unet_skips) add_skips(plan);
  for (const auto& [name, settings] : config.features) {
    const FeatureDeclaration& feature = find_feature(name);
    if (feature.plan != nullptr) feature.plan(settings, plan);
  }
  return plan;
}

Json to_json(const LayerPlan& plan) {
  Json calls = Json::array();
  const auto or_null = [](int64_t value) { return value < 0 ? Json() : Json(value); };
  for (const LayerCall& call : plan.calls) {
    calls.push_back(Json::object({{"block", call.block},
                                  {"layout", layout_name(call.layout)},
                                  {"push", or_null(call.push)},
                                  {"pop", or_null(call.pop)},
                                  {"skip_row", or_null(call.skip_row)}}));
  }
  Json json = Json::object({{"calls", std::move(calls)}, {"encoder_calls", plan.encoder_calls}});
  if (plan.has_two_lanes()) json["merge"] = merge_name(plan.merge);
  return json;
}

}  // namespace golf
