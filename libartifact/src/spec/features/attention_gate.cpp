#include <cmath>

#include "golf/artifact/base/error.h"
#include "golf/artifact/spec/feature_declaration.h"

namespace golf::features {
namespace {

bool is_output(const ModelConfig&, const FeatureSettings& s) { return s.choice("variant") == "output"; }

Shape gate_shape(const ModelConfig& c, const FeatureSettings& s) {
  return {c.num_heads, s.optional_integer("window").value_or(c.model_dim)};
}

ParameterKind gate(std::string_view name, int64_t rank, InitialValue initial,
                   decltype(ParameterKind::present) present) {
  return {.name = name,
          .role = TensorRole::kGate,
          .place = {Site::kBlocks, rank},
          .initial = initial,
          .group = "controls",
          .shape = gate_shape,
          .present = present};
}

void read(FeatureVariables& variables) {
  struct Switch {
    const char* variable;
    const char* variant;
  };
  const auto window = variables.integer("GATE_WINDOW");
  for (const auto& [variable, variant] : {Switch{"SPARSE_ATTN_GATE_ENABLED", "sparse"},
                                          {"GATED_ATTN_ENABLED", "dense"},
                                          {"ATTN_OUT_GATE_ENABLED", "output"}}) {
    const auto on = variables.flag(variable);
    if (!on) continue;
    const bool same =
        variables.has() && variables.model().features.find("attention_gate")->choice("variant") == variant;
    if (*on == same) continue;
    variables.turn(*on, variable);
    if (!*on) continue;
    variables.set("variant", variant, variable);
    if (std::string_view(variant) != "dense") variables.set("window", window.value_or(12), variable);
  }
  if (variables.has()) variables.take_number("SPARSE_ATTN_GATE_SCALE", "scale");
}

}  // namespace

FeatureDeclaration attention_gate() {
  return {
      .name = "attention_gate",
      .order = 100,
      .summary = "a gate per head and position scales what attention gives",
      .settings = {{.key = "variant",
                    .kind = SettingRow::Kind::kChoice,
                    .standard = "sparse",
                    .help = "from a few channels (sparse, PR 1855), from all (dense, PR 1736), or twice the "
                            "gate, so that it starts at 1 (output, PR 1667)",
                    .choices = {"sparse", "dense", "output"}},
                   {.key = "window",
                    .kind = SettingRow::Kind::kOptionalInteger,
                    .standard = {},
                    .help =
                        "leading channels of the block's normed input that the gate reads; all without it",
                    .low = 1,
                    .high = 65'536},
                   {.key = "scale",
                    .kind = SettingRow::Kind::kNumber,
                    .standard = 1.0,
                    .help = "factor inside the gate"}},
      .parameters = {gate("blocks.{}.attn.attn_gate_w", 4, {.value = 0.0},
                          [](const ModelConfig& c, const FeatureSettings& s) { return !is_output(c, s); }),
                     gate("blocks.{}.attn.attn_gate_proj.weight", 14, {.value = 0.0}, is_output)},
      .validate =
          [](const ModelConfig& config, const FeatureSettings& settings) {
            if (const auto window = settings.optional_integer("window")) {
              require_range("model.attention_gate.window", *window, 1, config.model_dim);
            }
            require(std::isfinite(settings.number("scale")), "model.attention_gate.scale",
                    "must be a number");
          },
      .read_variables = read,
  };
}

}  // namespace golf::features
