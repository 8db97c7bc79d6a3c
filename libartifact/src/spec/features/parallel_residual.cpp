#include <fmt/format.h>

#include "golf/artifact/base/error.h"
#include "golf/artifact/spec/feature_declaration.h"

namespace golf::features {
namespace {

bool two_lanes(const ModelConfig&, const FeatureSettings& s) { return s.choice("layout") == "two_lanes"; }

void plan_lanes(const FeatureSettings& settings, LayerPlan& plan) {
  const bool lanes = settings.choice("layout") == "two_lanes";
  for (size_t i = 0; i < plan.calls.size(); ++i) {
    LayerCall& call = plan.calls[i];
    if (call.block < settings.integer("from_block")) continue;
    if (!lanes) call.layout = LaneLayout::kParallel;
    if (lanes && static_cast<int64_t>(i) >= plan.encoder_calls) call.layout = LaneLayout::kTwoLanes;
  }
  const std::string& merge = settings.choice("merge");
  plan.merge = merge == "attention" ? LaneMerge::kAttention
               : merge == "mlp"     ? LaneMerge::kMlp
                                    : LaneMerge::kMean;
}

void check(const ModelConfig& config, const FeatureSettings& settings) {
  const int64_t from = settings.integer("from_block");
  require_range("model.parallel_residual.from_block", from, 1, config.num_layers - 1);
  bool lanes = false;
  for (const LayerCall& call : layer_plan(config).calls) {
    require(
        !lanes || call.layout == LaneLayout::kTwoLanes, "model.parallel_residual.from_block",
        fmt::format("block {} runs on one lane after a call on two: start after the recurrence", call.block));
    lanes = call.layout == LaneLayout::kTwoLanes;
  }
}

ParameterKind lambdas(std::string_view name, int64_t rank, double initial,
                      decltype(ParameterKind::shape) shape) {
  return {.name = name,
          .role = TensorRole::kControl,
          .place = {Site::kOwn, rank},
          .initial = {.value = initial},
          .group = "controls",
          .shape = shape,
          .present = two_lanes,
          .keep_float = true};
}

}  // namespace

FeatureDeclaration parallel_residual() {
  return {
      .name = "parallel_residual",
      .order = 90,
      .summary = "in the later blocks attention and MLP run side by side (PRs 1493, 1855)",
      .settings = {{.key = "from_block",
                    .kind = SettingRow::Kind::kInteger,
                    .standard = 7,
                    .help = "the first block that does, counted from 0"},
                   {.key = "layout",
                    .kind = SettingRow::Kind::kChoice,
                    .standard = "parallel",
                    .help =
                        "both read one stream (PR 1493), or attention reads lane 0 and the MLP lane 1, in "
                        "the decoder's calls (PR 1855)",
                    .choices = {"parallel", "two_lanes"}},
                   {.key = "merge",
                    .kind = SettingRow::Kind::kChoice,
                    .standard = "mean",
                    .help = "what two lanes become after the last block",
                    .choices = {"mean", "attention", "mlp"}}},
      .parameters = {lambdas("parallel_post_lambdas", 20, 1.0,
                             [](const ModelConfig& c, const FeatureSettings&) {
                               return Shape{c.num_layers, 2, 2};
                             }),
                     lambdas("parallel_resid_lambdas", 21, 1.1,
                             [](const ModelConfig& c, const FeatureSettings&) {
                               return Shape{c.num_layers, 2};
                             })},
      .validate = check,
      .plan = plan_lanes,
      .read_variables =
          [](FeatureVariables& variables) {
            for (const char* name : {"PARALLEL_RESIDUAL_START", "PARALLEL_START_LAYER"}) {  // PRs 1493, 1855
              const auto from = variables.integer(name);
              if (!from) continue;
              variables.turn(*from > 0, name);
              if (*from > 0) variables.set("from_block", *from, name);
            }
            if (const auto lane = variables.text("PARALLEL_FINAL_LANE"); lane && variables.has()) {
              variables.set("merge", *lane == "attn" ? "attention" : *lane, "PARALLEL_FINAL_LANE");
            }
          },
  };
}

}  // namespace golf::features
