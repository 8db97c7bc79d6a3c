// The declaration of a feature that no submission has: with made_up_feature_model.cpp all that a new feature
// takes. MadeUpFeature's tests hold everything that derives from it.
#include "golf/artifact/base/error.h"
#include "golf/artifact/spec/feature_declaration.h"

namespace golf::test {
namespace {

FeatureDeclaration channel_bias() {
  return {
      .name = "channel_bias",
      .order = 2000,
      .summary =
          "a learned bias per channel is added after the first norm, and one per block before its calls",
      .settings = {{.key = "start",
                    .kind = SettingRow::Kind::kNumber,
                    .standard = 0.25,
                    .help = "what the bias is multiplied by"},
                   {.key = "blocks",
                    .kind = SettingRow::Kind::kInteger,
                    .standard = 1,
                    .help = "the first so many blocks have a bias of their own",
                    .low = 0,
                    .high = 1024}},
      .parameters =
          {{.name = "channel_bias",
            .role = TensorRole::kControl,
            .place = {Site::kOwn, 900},
            .initial = {.value = 2.0},
            .group = "controls",
            .shape = [](const ModelConfig& c, const FeatureSettings&) { return Shape{c.model_dim}; },
            .keep_float = true},
           {.name = "block_bias.{}.weight",
            .role = TensorRole::kTable,
            .place = {Site::kLast, 900},
            .initial = {.kind = InitialValue::Kind::kZeroMatrix},
            .group = "side_projection",
            .shape =
                [](const ModelConfig& c, const FeatureSettings&) {
                  return Shape{1, c.model_dim};
                },
            .count = [](const ModelConfig&, const FeatureSettings& s) { return s.integer("blocks"); }}},
      .validate =
          [](const ModelConfig& config, const FeatureSettings& settings) {
            require_range("model.channel_bias.blocks", settings.integer("blocks"), 0, config.num_layers);
          },
      .read_variables = [](FeatureVariables& variables) { variables.take_number("CHANNEL_BIAS", "start"); },
  };
}

const bool kDeclared = (declare_feature(channel_bias()), true);

}  // namespace
}  // namespace golf::test
