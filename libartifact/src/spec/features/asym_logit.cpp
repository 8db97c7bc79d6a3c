#include "golf/artifact/spec/feature_declaration.h"

namespace golf::features {
namespace {

bool is_first(const ModelConfig&, const FeatureSettings& s) { return s.choice("place") == "first"; }
bool is_after_smear(const ModelConfig& c, const FeatureSettings& s) { return !is_first(c, s); }

ParameterKind cap(std::string_view name, Place place, decltype(ParameterKind::present) present) {
  return {.name = name,
          .role = TensorRole::kControl,
          .place = place,
          .initial = {.value = 30.0, .setting = "logit_softcap"},
          .group = "none",
          .shape = [](const ModelConfig&, const FeatureSettings&) { return Shape{}; },
          .present = present};
}

}  // namespace

FeatureDeclaration asym_logit() {
  return {
      .name = "asym_logit",
      .order = 110,
      .summary =
          "softcaps of their own for positive and negative logits; the training loss keeps "
          "logit_softcap, so that no training run changes them (PRs 1945, 1953, 2014, 2135)",
      .settings = {{.key = "place",
                    .kind = SettingRow::Kind::kChoice,
                    .standard = "first",
                    .help = "where the state dict has them: first (PR 2135) or after smear_lambda",
                    .choices = {"first", "after_smear_lambda"}}},
      .parameters = {cap("softcap_pos", {Site::kFirst, 10}, is_first),
                     cap("softcap_neg", {Site::kFirst, 11}, is_first),
                     cap("softcap_pos", {Site::kOwn, 50}, is_after_smear),
                     cap("softcap_neg", {Site::kOwn, 51}, is_after_smear)},
      .read_variables =
          [](FeatureVariables& variables) {
            if (const auto on = variables.flag("ASYM_LOGIT_RESCALE"))
              variables.turn(*on, "ASYM_LOGIT_RESCALE");
          },
  };
}

}  // namespace golf::features
