#include "golf/artifact/base/error.h"
#include "golf/artifact/spec/feature_declaration.h"

namespace golf::features {

FeatureDeclaration gated_skips() {
  return {
      .name = "gated_skips",
      .order = 80,
      .summary = "a gate per channel blends each skip with the stream instead of adding it (PRs 1394, 1855)",
      .parameters = {{.name = "skip_gates",
                      .role = TensorRole::kControl,
                      .place = {Site::kOwn, 10},
                      .initial = {.value = 0.0},
                      .group = "controls",
                      .shape =
                          [](const ModelConfig& c, const FeatureSettings&) {
                            return Shape{layer_plan(c).skip_count(), c.model_dim};
                          },
                      .keep_float = true}},
      .validate =
          [](const ModelConfig& config, const FeatureSettings&) {
            require(config.unet_skips, "model.gated_skips", "needs model.unet_skips");
          },
      .read_variables =
          [](FeatureVariables& variables) {
            if (const auto on = variables.flag("SKIP_GATES_ENABLED"))
              variables.turn(*on, "SKIP_GATES_ENABLED");
          },
  };
}

}  // namespace golf::features
