#include "golf/artifact/spec/model_features.h"

#include <array>

namespace golf {

void describe(JsonFields& fields, SmearGateConfig& config) {
  static constexpr std::array<EnumName<SmearVariant>, 2> kNames = {
      {{SmearVariant::kPerChannel, "per_channel"}, {SmearVariant::kPerToken, "per_token"}}};
  fields.enumeration<SmearVariant>("variant", config.variant, kNames);
}

void describe(JsonFields& fields, BigramHashConfig& config) {
  static constexpr std::array<EnumName<BigramSite>, 2> kNames = {
      {{BigramSite::kInput, "input"}, {BigramSite::kEveryLayer, "every_layer"}}};
  fields.enumeration<BigramSite>("site", config.site, kNames);
  fields.field("buckets", config.buckets);
  fields.field("dim", config.dim);
}

void describe(JsonFields& fields, ValueEmbeddingConfig& config) {
  fields.field("dim", config.dim);
  fields.field("layers", config.layers);
}

void describe(JsonFields& fields, ExclusiveAttentionConfig& config) { fields.field("last_n", config.last_n); }

void describe(JsonFields& fields, RotaryConfig& config) {
  fields.field("dims", config.dims);
  fields.field("ntk_reference_length", config.ntk_reference_length);
}

void describe(JsonFields& fields, MarkovPairsConfig& config) {
  fields.field("buckets", config.buckets);
  fields.field("gate_threshold", config.gate_threshold);
  fields.field("gate_temp", config.gate_temp);
}

void describe(JsonFields& fields, MarkovMixConfig& config) {
  fields.field("gate_threshold", config.gate_threshold);
  fields.field("gate_temp", config.gate_temp);
  fields.section("pairs", config.pairs);
}

void describe_field(JsonFields& fields, std::string_view key, MlpActivation& activation) {
  static constexpr std::array<EnumName<MlpActivation>, 2> kNames = {
      {{MlpActivation::kRelu2, "relu2"}, {MlpActivation::kLeakyRelu2, "leaky_relu2"}}};
  fields.enumeration<MlpActivation>(key, activation, kNames);
}

void describe_field(JsonFields& fields, std::string_view key, TensorOrder& order) {
  static constexpr std::array<EnumName<TensorOrder>, 2> kNames = {
      {{TensorOrder::kByLayer, "by_layer"}, {TensorOrder::kByBank, "by_bank"}}};
  fields.enumeration<TensorOrder>(key, order, kNames);
}

}  // namespace golf
