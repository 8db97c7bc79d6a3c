#include "golf/artifact/base/error.h"
#include "golf/artifact/spec/feature_declaration.h"

namespace golf::features {

FeatureDeclaration exclusive_attention() {
  return {
      .name = "exclusive_attention",
      .order = 40,
      .summary = "XSA: attention's output loses its component along the position's own value (PR 993)",
      .settings = {{.key = "last_n",
                    .kind = SettingRow::Kind::kInteger,
                    .standard = 0,
                    .help = "the last so many layers have it"}},
      .validate =
          [](const ModelConfig& config, const FeatureSettings& settings) {
            require_range("model.exclusive_attention.last_n", settings.integer("last_n"), 1,
                          config.num_layers);
          },
      .read_variables =
          [](FeatureVariables& variables) {
            if (const auto layers = variables.integer("XSA_LAST_N")) {
              variables.turn(*layers > 0, "XSA_LAST_N");
              if (*layers > 0) variables.set("last_n", *layers, "XSA_LAST_N");
            }
          },
  };
}

}  // namespace golf::features
