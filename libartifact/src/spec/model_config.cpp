#include "golf/artifact/spec/model_config.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <optional>

#include "golf/artifact/base/error.h"
#include "golf/artifact/base/name_or_path.h"
#include "golf/artifact/spec/feature_declaration.h"
#include "golf/artifact/spec/model_presets.h"

namespace golf {
namespace {

void describe_field(JsonFields& fields, std::string_view key, MlpActivation& activation) {
  static constexpr std::array<EnumName<MlpActivation>, 2> kNames = {
      {{MlpActivation::kRelu2, "relu2"}, {MlpActivation::kLeakyRelu2, "leaky_relu2"}}};
  fields.enumeration<MlpActivation>(key, activation, kNames);
}

void describe_field(JsonFields& fields, std::string_view key, TensorOrder& order) {
  static constexpr std::array<EnumName<TensorOrder>, 3> kNames = {
      {{TensorOrder::kByLayer, "by_layer"},
       {TensorOrder::kByBank, "by_bank"},
       {TensorOrder::kBanksFirst, "banks_first"}}};
  fields.enumeration<TensorOrder>(key, order, kNames);
}

/// A field that is left out of the document while it has its default, so that a configuration without the
/// feature keeps the bytes it had before the feature existed.
template <class T>
void describe_departure(JsonFields& fields, std::string_view key, T& value, const T& usual) {
  if (fields.writing() && value == usual) return;
  if constexpr (std::is_enum_v<T>) {
    describe_field(fields, key, value);
  } else {
    fields.field(key, value);
  }
}

void describe_features(JsonFields& fields, FeatureSet& features) {
  for (const FeatureDeclaration& feature : feature_declarations()) {
    std::optional<FeatureSettings> section;
    if (const FeatureSettings* found = features.find(feature.name)) section = *found;
    fields.section(
        feature.name, section, FeatureSettings(feature.settings),
        [&](JsonFields& nested, FeatureSettings& settings) { describe(nested, feature.settings, settings); });
    features.remove(feature.name);
    if (section) features.put(feature.name, *std::move(section));
  }
}

void validate_features(const ModelConfig& config) {
  for (const auto& [name, settings] : config.features) {
    const FeatureDeclaration& feature = find_feature(name);
    validate("model." + name, feature.settings, settings);
    if (feature.validate != nullptr) feature.validate(config, settings);
  }
}

}  // namespace

void describe(JsonFields& fields, ModelConfig& config) {
  fields.field("vocab_size", config.vocab_size);
  fields.field("num_layers", config.num_layers);
  fields.field("model_dim", config.model_dim);
  fields.field("num_heads", config.num_heads);
  fields.field("num_kv_heads", config.num_kv_heads);
  fields.field("mlp_hidden", config.mlp_hidden);
  fields.field("tie_embeddings", config.tie_embeddings);
  fields.field("unet_skips", config.unet_skips);
  fields.field("rope_base", config.rope_base);
  fields.field("logit_softcap", config.logit_softcap);
  describe_features(fields, config.features);
  static const ModelConfig kUsual;
  describe_departure(fields, "mlp_activation", config.mlp_activation, kUsual.mlp_activation);
  describe_departure(fields, "layer_scale", config.layer_scale, kUsual.layer_scale);
  describe_departure(fields, "tensor_order", config.tensor_order, kUsual.tensor_order);
}

void validate(const ModelConfig& config) {
  // The upper bounds keep every product of two of them, and so every tensor, far inside 64 bits.
  require_range("model.vocab_size", config.vocab_size, 2, 65'536);
  require_range("model.num_layers", config.num_layers, 1, 1024);
  require_range("model.model_dim", config.model_dim, 2, 65'536);
  require_range("model.num_heads", config.num_heads, 1, 4096);
  require_range("model.num_kv_heads", config.num_kv_heads, 1, 4096);
  require_range("model.mlp_hidden", config.mlp_hidden, 1, 1 << 20);
  require(config.model_dim % config.num_heads == 0, "model.num_heads",
          fmt::format("{} does not divide model_dim {}", config.num_heads, config.model_dim));
  require(config.num_heads % config.num_kv_heads == 0, "model.num_kv_heads",
          fmt::format("{} does not divide num_heads {}", config.num_kv_heads, config.num_heads));
  require(config.head_dim() % 2 == 0, "model.num_heads",
          fmt::format("head dimension {} is odd, rotary embedding needs pairs", config.head_dim()));
  require(std::isfinite(config.rope_base) && config.rope_base > 0, "model.rope_base",
          "must be a positive number");
  require(std::isfinite(config.logit_softcap) && config.logit_softcap > 0, "model.logit_softcap",
          "must be a positive number");
  validate_features(config);
}

ModelSpec model_spec_from_json(const Json& json, const std::string& where) {
  JsonFields fields = JsonFields::reader(json, where);
  ModelSpec spec;
  fields.section("model", spec.model);
  fields.section("eval", spec.eval);
  for (const char* section : {"name", "data", "optimizer", "schedule", "curriculum", "training", "mtp", "qat",
                              "weights", "export"}) {
    fields.ignore(section);
  }
  fields.finish();
  try {
    validate(spec.model);
    // A document without an eval section may still have a context shorter than the default stride.
    if (spec.eval.stride > spec.eval.seq_len) spec.eval.stride = spec.eval.seq_len;
    validate(spec.eval);
  } catch (const Error& error) {
    fail_within(where, error);
  }
  return spec;
}

Json to_json(const ModelSpec& spec) {
  Json json = Json::object();
  json["model"] = to_json(spec.model);
  json["eval"] = to_json(spec.eval);
  return json;
}

ModelSpec load_model_spec(const std::string& name_or_path) {
  std::vector<std::string> names;
  for (const ModelPreset& preset : model_presets()) names.emplace_back(preset.name);
  if (resolve_name_or_path(name_or_path, names, "model preset")) return *find_model_preset(name_or_path);
  return model_spec_from_json(read_json_file(name_or_path), name_or_path);
}

}  // namespace golf
