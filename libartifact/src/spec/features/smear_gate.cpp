#include "golf/artifact/base/error.h"
#include "golf/artifact/spec/feature_declaration.h"

namespace golf::features {
namespace {

bool per_token(const ModelConfig&, const FeatureSettings& s) { return s.choice("variant") == "per_token"; }
bool per_channel(const ModelConfig& c, const FeatureSettings& s) { return !per_token(c, s); }

}  // namespace

FeatureDeclaration smear_gate() {
  return {
      .name = "smear_gate",
      .order = 10,
      .summary = "each position mixes in the one before it",
      .settings =
          {{.key = "variant",
            .kind = SettingRow::Kind::kChoice,
            .standard = "per_channel",
            .help =
                "one weight per channel, after the first norm (PRs 262, 993), or one weight per token that "
                "depends on the token, before it (PRs 192, 1855)",
            .choices = {"per_channel", "per_token"}},
           {.key = "window",
            .kind = SettingRow::Kind::kOptionalInteger,
            .standard = {},
            .help = "leading channels that the weight per token reads (PR 1855: 12); all without it",
            .low = 1,
            .high = 65'536},
           {.key = "bos_id",
            .kind = SettingRow::Kind::kOptionalInteger,
            .standard = {},
            .help =
                "this token takes nothing from its predecessor, so that documents do not mix (PR 1855: 1)",
            .low = 0,
            .high = 65'535}},
      .parameters = {{.name = "smear_lambda",
                      .role = TensorRole::kGate,
                      .place = {Site::kOwn, 40},
                      .initial = {.value = 0.0},
                      .group = "smear",
                      .shape = [](const ModelConfig&, const FeatureSettings&) { return Shape{1}; },
                      .present = per_token},
                     {.name = "smear.gate",
                      .role = TensorRole::kGate,
                      .place = {Site::kAfterEmbedding, 20},
                      .initial = {.value = 0.0},
                      .group = "smear",
                      .shape = [](const ModelConfig& c,
                                  const FeatureSettings&) { return Shape{c.model_dim}; },
                      .present = per_channel},
                     {.name = "smear_gate.weight",
                      .role = TensorRole::kGate,
                      .place = {Site::kLast, 10},
                      .initial = {.kind = InitialValue::Kind::kZeroMatrix},
                      .group = "smear",
                      .shape =
                          [](const ModelConfig& c, const FeatureSettings& s) {
                            return Shape{1, s.optional_integer("window").value_or(c.model_dim)};
                          },
                      .present = per_token}},
      .validate =
          [](const ModelConfig& config, const FeatureSettings& settings) {
            if (const auto window = settings.optional_integer("window")) {
              require_range("model.smear_gate.window", *window, 1, config.model_dim);
            }
            if (const auto bos = settings.optional_integer("bos_id")) {
              require_range("model.smear_gate.bos_id", *bos, 0, config.vocab_size - 1);
            }
          },
      .read_variables =
          [](FeatureVariables& variables) {
            if (const auto on = variables.flag("SMEAR_GATE")) {
              const bool added = *on && !variables.has();
              variables.turn(*on, "SMEAR_GATE");
              if (added) variables.set("variant", "per_token", "SMEAR_GATE");  // PR 192
            }
            const auto window = variables.integer("GATE_WINDOW");
            if (const auto on = variables.flag("SMEAR_GATE_ENABLED")) {  // PR 1855
              const bool added = *on && !variables.has();
              variables.turn(*on, "SMEAR_GATE_ENABLED");
              if (added) {
                variables.set("variant", "per_token", "SMEAR_GATE_ENABLED");
                variables.set("window", window.value_or(12), "SMEAR_GATE_ENABLED");
                variables.set("bos_id", 1, "SMEAR_GATE_ENABLED");
              }
            }
            if (const auto fix = variables.flag("SMEAR_GATE_BOS_FIX"); fix && variables.has()) {  // PR 2135
              variables.set("bos_id", *fix ? Json(1) : Json(), "SMEAR_GATE_BOS_FIX");
            }
          },
  };
}

}  // namespace golf::features
