#include "golf/artifact/spec/model_config.h"

#include <fmt/format.h>

#include <cmath>

#include "golf/artifact/base/error.h"
#include "golf/artifact/base/require.h"
#include "golf/artifact/spec/model_presets.h"

namespace golf {
namespace {

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

void require_gate(const std::string& field, double threshold, double temp) {
  require(std::isfinite(threshold), field + ".gate_threshold", "must be a number");
  require(std::isfinite(temp) && temp > 0, field + ".gate_temp", "must be a positive number");
}

void validate_features(const ModelConfig& config) {
  if (const auto& bigram = config.bigram_hash) {
    require_range("model.bigram_hash.buckets", bigram->buckets, 2, 1 << 24);
    require_range("model.bigram_hash.dim", bigram->dim, 1, 65'536);
  }
  if (const auto& values = config.value_embedding) {
    require_range("model.value_embedding.dim", values->dim, 1, 65'536);
    require(!values->layers.empty(), "model.value_embedding.layers", "names no layer");
    int64_t above = -1;
    for (const int64_t layer : values->layers) {
      require_range("model.value_embedding.layers", layer, 0, config.num_layers - 1);
      require(layer > above, "model.value_embedding.layers", fmt::format("{} is out of order", layer));
      above = layer;
    }
  }
  if (const auto& exclusive = config.exclusive_attention) {
    require_range("model.exclusive_attention.last_n", exclusive->last_n, 1, config.num_layers);
  }
  require_range("model.rotary.dims", config.rotary_dims(), 2, config.head_dim());
  require(config.rotary_dims() % 2 == 0, "model.rotary.dims",
          fmt::format("{} is odd, rotary embedding needs pairs", config.rotary_dims()));
  if (config.rotary && config.rotary->ntk_reference_length) {
    require_range("model.rotary.ntk_reference_length", *config.rotary->ntk_reference_length, 1, 1 << 30);
    require(config.rotary_dims() > 2, "model.rotary.ntk_reference_length", "needs more than 2 rotary dims");
  }
  if (const auto& markov = config.markov_mix) {
    require_gate("model.markov_mix", markov->gate_threshold, markov->gate_temp);
    if (const auto& pairs = markov->pairs) {
      require_range("model.markov_mix.pairs.buckets", pairs->buckets, 1, 1 << 24);
      require_gate("model.markov_mix.pairs", pairs->gate_threshold, pairs->gate_temp);
    }
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
  fields.section("smear_gate", config.smear_gate);
  fields.section("bigram_hash", config.bigram_hash);
  fields.section("value_embedding", config.value_embedding);
  fields.section("exclusive_attention", config.exclusive_attention);
  fields.section("rotary", config.rotary);
  fields.section("markov_mix", config.markov_mix);
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
  for (const char* section :
       {"name", "data", "optimizer", "schedule", "training", "mtp", "qat", "weights", "export"}) {
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
  if (const auto preset = find_model_preset(name_or_path)) return *preset;
  if (name_or_path != "-" && name_or_path.find_first_of("./") == std::string::npos) {
    std::vector<std::string> names;
    for (const ModelPreset& preset : model_presets()) names.emplace_back(preset.name);
    const auto suggestion = closest_match(name_or_path, names);
    fail(ErrorCode::kInvalidArgument,
         fmt::format("{}: no such model preset: {} or give a .json file", name_or_path,
                     suggestion ? fmt::format("did you mean \"{}\"?", *suggestion)
                                : fmt::format("choose one of {}", fmt::join(names, ", "))));
  }
  return model_spec_from_json(read_json_file(name_or_path), name_or_path);
}

}  // namespace golf
