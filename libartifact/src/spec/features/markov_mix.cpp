#include <cmath>

#include "golf/artifact/base/error.h"
#include "golf/artifact/spec/feature_declaration.h"

namespace golf::features {
namespace {

bool has_pairs(const ModelConfig&, const FeatureSettings& s) { return s.section("pairs").has_value(); }

ParameterKind gate(std::string_view name, Place place, InitialValue initial,
                   decltype(ParameterKind::shape) shape, decltype(ParameterKind::present) present = nullptr) {
  return {.name = name,
          .role = TensorRole::kGate,
          .place = place,
          .initial = initial,
          .group = "controls",
          .shape = shape,
          .present = present};
}

ParameterKind table(std::string_view name, Place place, std::string_view group,
                    decltype(ParameterKind::shape) shape,
                    decltype(ParameterKind::present) present = nullptr) {
  return {.name = name,
          .role = TensorRole::kTable,
          .place = place,
          .initial = {.value = 0.0},
          .group = group,
          .shape = shape,
          .present = present};
}

SettingRow number(std::string_view key, double standard, std::string_view help) {
  return {.key = key, .kind = SettingRow::Kind::kNumber, .standard = standard, .help = help};
}

void check_gate(const std::string& field, const FeatureSettings& settings) {
  const double temp = settings.number("gate_temp");
  require(std::isfinite(settings.number("gate_threshold")), field + ".gate_threshold", "must be a number");
  require(std::isfinite(temp) && temp > 0, field + ".gate_temp", "must be a positive number");
}

void check(const ModelConfig&, const FeatureSettings& settings) {
  check_gate("model.markov_mix", settings);
  if (const auto pairs = settings.section("pairs")) check_gate("model.markov_mix.pairs", *pairs);
}

void read(FeatureVariables& variables) {
  if (const auto kind = variables.text("MODEL_KIND")) {
    if (*kind != "gpt" && *kind != "gpt_markov") {
      variables.refuse("MODEL_KIND", "is neither gpt nor gpt_markov");
    }
    variables.turn(*kind == "gpt_markov", "MODEL_KIND");
  }
  if (const auto buckets = variables.integer("MARKOV2_BUCKETS")) {
    if (*buckets > 0 || variables.has()) {
      variables.set("pairs", *buckets > 0 ? Json::object({{"buckets", *buckets}}) : Json(),
                    "MARKOV2_BUCKETS");
    }
  }
  variables.take_number("MARKOV_GATE_THRESHOLD", "gate_threshold");
  variables.take_number("MARKOV_GATE_TEMP", "gate_temp");
  if (variables.has("pairs")) {
    variables.take_number("MARKOV2_GATE_THRESHOLD", "pairs.gate_threshold");
    variables.take_number("MARKOV2_GATE_TEMP", "pairs.gate_temp");
  }
}

}  // namespace

FeatureDeclaration markov_mix() {
  const SettingRow threshold =
      number("gate_threshold", 0.2, "gap between the two best table logits at which the gate is half open");
  const SettingRow temp = number("gate_temp", 0.05, "width of the gate, in the same unit");
  return {
      .name = "markov_mix",
      .order = 60,
      .summary = "the logits of a learned Markov table are added where the table is certain (PR 1046)",
      .settings = {threshold,
                   temp,
                   {.key = "pairs",
                    .kind = SettingRow::Kind::kSection,
                    .standard = {},
                    .help = "a second table over hashed pairs of tokens",
                    .section = {{.key = "buckets",
                                 .kind = SettingRow::Kind::kInteger,
                                 .standard = 65'536,
                                 .help = "rows of the table",
                                 .low = 1,
                                 .high = 1 << 24},
                                threshold,
                                temp}}},
      .parameters = {gate("markov_temp", {Site::kWrapper, 10}, {},
                          [](const ModelConfig&, const FeatureSettings&) { return Shape{}; }),
                     gate(
                         "markov2_mix", {Site::kWrapper, 11}, {.value = 0.05, .setting = "markov_pairs_init"},
                         [](const ModelConfig&, const FeatureSettings&) { return Shape{}; }, has_pairs),
                     table("markov.transition_logits", {Site::kWrapperLast, 10}, "markov",
                           [](const ModelConfig& c, const FeatureSettings&) {
                             return Shape{c.vocab_size, c.vocab_size};
                           }),
                     gate("mix_proj.weight", {Site::kWrapperLast, 11}, {.value = 0.0},
                          [](const ModelConfig& c, const FeatureSettings&) {
                            return Shape{1, c.model_dim};
                          }),
                     gate("mix_proj.bias", {Site::kWrapperLast, 12},
                          {.kind = InitialValue::Kind::kLogit, .value = 0.05, .setting = "markov_mix_init"},
                          [](const ModelConfig&, const FeatureSettings&) { return Shape{1}; }),
                     table(
                         "markov2.transition_logits", {Site::kWrapperLast, 13}, "markov_pairs",
                         [](const ModelConfig& c, const FeatureSettings& s) {
                           return Shape{s.section("pairs")->integer("buckets"), c.vocab_size};
                         },
                         has_pairs)},
      .validate = check,
      .read_variables = read,
      .wrapper = "gpt",
  };
}

}  // namespace golf::features
