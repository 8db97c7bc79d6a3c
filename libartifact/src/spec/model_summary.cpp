#include "golf/artifact/spec/model_summary.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "golf/artifact/spec/feature_declaration.h"
#include "golf/artifact/spec/layer_plan.h"
#include "golf/artifact/spec/tensor_inventory.h"

namespace golf {
namespace {

std::string settings_text(const FeatureDeclaration& feature, const FeatureSettings& settings) {
  std::vector<std::string> parts;
  for (const auto& [key, value] : settings.json().as_object()) {
    if (value.is_null()) continue;
    parts.push_back(fmt::format("{} {}", key, value.is_string() ? value.as_string() : value.dump()));
  }
  return parts.empty() ? std::string(feature.summary) : fmt::format("{}", fmt::join(parts, ", "));
}

std::string block_list(const LayerPlan& plan, size_t first, size_t end) {
  std::vector<int64_t> blocks;
  for (size_t i = first; i < end; ++i) blocks.push_back(plan.calls[i].block);
  return fmt::format("{}", fmt::join(blocks, " "));
}

/// The blocks whose calls have the layout.
std::vector<int64_t> blocks_with(const LayerPlan& plan, LaneLayout layout) {
  std::vector<int64_t> blocks;
  for (const LayerCall& call : plan.calls) {
    if (call.layout == layout) blocks.push_back(call.block);
  }
  return blocks;
}

}  // namespace

std::vector<std::pair<std::string, std::string>> summarize_model(const ModelConfig& config) {
  std::vector<std::pair<std::string, std::string>> lines;
  lines.emplace_back("model", fmt::format("{} layers, width {}, {} heads ({} kv), MLP {}, vocabulary {}",
                                          config.num_layers, config.model_dim, config.num_heads,
                                          config.num_kv_heads, config.mlp_hidden, config.vocab_size));
  for (const auto& [name, settings] : config.features) {
    lines.emplace_back(name, settings_text(find_feature(name), settings));
  }
  const LayerPlan plan = layer_plan(config);
  const auto blocks = static_cast<size_t>(config.num_layers);
  if (plan.calls.size() > blocks) {
    const auto encoder = static_cast<size_t>(plan.encoder_calls);
    lines.emplace_back("layer plan", fmt::format("{} calls of {} blocks, {} skips", plan.calls.size(), blocks,
                                                 plan.skip_count()));
    lines.emplace_back("encoder", block_list(plan, 0, encoder));
    lines.emplace_back("decoder", block_list(plan, encoder, plan.calls.size()));
    lines.emplace_back("parameters", fmt::format("{} stored, {} used in a forward pass",
                                                 parameter_count(config), effective_parameter_count(config)));
  }
  if (const auto parallel = blocks_with(plan, LaneLayout::kParallel); !parallel.empty()) {
    lines.emplace_back("parallel", fmt::format("blocks {}", fmt::join(parallel, " ")));
  }
  if (const auto lanes = blocks_with(plan, LaneLayout::kTwoLanes); !lanes.empty()) {
    lines.emplace_back("two lanes", fmt::format("blocks {}, then {}", fmt::join(lanes, " "),
                                                plan.merge == LaneMerge::kMean
                                                    ? "their mean"
                                                    : fmt::format("the {} lane", merge_name(plan.merge))));
  }
  return lines;
}

Json model_summary_json(const ModelConfig& config) {
  Json features = Json::array();
  for (const auto& [name, settings] : config.features) {
    features.push_back(Json::object(
        {{"name", name}, {"summary", find_feature(name).summary}, {"settings", settings.json()}}));
  }
  return Json::object({{"layer_plan", to_json(layer_plan(config))},
                       {"parameters", Json::object({{"stored", parameter_count(config)},
                                                    {"effective", effective_parameter_count(config)}})},
                       {"features", std::move(features)}});
}

}  // namespace golf
