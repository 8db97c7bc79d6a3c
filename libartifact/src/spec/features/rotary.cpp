#include <fmt/format.h>

#include "golf/artifact/base/error.h"
#include "golf/artifact/spec/feature_declaration.h"

namespace golf::features {

FeatureDeclaration rotary() {
  return {
      .name = "rotary",
      .order = 50,
      .summary = "departures from a rotary embedding of the whole head with a fixed base",
      .settings = {{.key = "dims",
                    .kind = SettingRow::Kind::kOptionalInteger,
                    .standard = {},
                    .help = "only so many leading components of each head turn (PR 993); all without it"},
                   {.key = "ntk_reference_length",
                    .kind = SettingRow::Kind::kOptionalInteger,
                    .standard = {},
                    .help =
                        "beyond this length T0 the base grows by (T/T0)^(R/(R-2)), R the turning components "
                        "(PRs 262, 993, 1394)",
                    .low = 1,
                    .high = 1 << 30}},
      .validate =
          [](const ModelConfig& config, const FeatureSettings& settings) {
            const int64_t dims = settings.optional_integer("dims").value_or(config.head_dim());
            require_range("model.rotary.dims", dims, 2, config.head_dim());
            require(dims % 2 == 0, "model.rotary.dims",
                    fmt::format("{} is odd, rotary embedding needs pairs", dims));
            require(dims > 2 || !settings.optional_integer("ntk_reference_length"),
                    "model.rotary.ntk_reference_length", "needs more than 2 rotary dims");
          },
      .read_variables =
          [](FeatureVariables& variables) {
            if (const auto dims = variables.integer("ROPE_DIMS")) {
              variables.turn(true, "ROPE_DIMS");
              variables.set("dims", *dims > 0 ? Json(*dims) : Json(), "ROPE_DIMS");
            }
          },
  };
}

}  // namespace golf::features
