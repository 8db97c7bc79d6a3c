#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "golf/artifact/base/json_fields.h"
#include "golf/artifact/spec/eval_config.h"
#include "golf/artifact/spec/model_features.h"

namespace golf {

/// The shape of a model: everything the forward pass needs besides the weights. A feature is an optional
/// member whose presence turns it on. Defaults are the challenge's baseline; sizes are in elements.
struct ModelConfig {
  int64_t vocab_size = 1024;
  int64_t num_layers = 9;
  int64_t model_dim = 512;
  int64_t num_heads = 8;
  int64_t num_kv_heads = 4;
  int64_t mlp_hidden = 1024;
  bool tie_embeddings = true;
  bool unet_skips = true;
  double rope_base = 10000.0;
  double logit_softcap = 30.0;

  std::optional<SmearGateConfig> smear_gate = {};
  std::optional<BigramHashConfig> bigram_hash = {};
  std::optional<ValueEmbeddingConfig> value_embedding = {};
  std::optional<ExclusiveAttentionConfig> exclusive_attention = {};
  std::optional<RotaryConfig> rotary = {};
  std::optional<MarkovMixConfig> markov_mix = {};
  MlpActivation mlp_activation = MlpActivation::kRelu2;
  bool layer_scale = false;  ///< layer i reads its norms times 1/√(i+1) (PR 993)
  TensorOrder tensor_order = TensorOrder::kByLayer;

  int64_t head_dim() const { return model_dim / num_heads; }
  int64_t encoder_layers() const { return num_layers / 2; }
  int64_t decoder_layers() const { return num_layers - encoder_layers(); }
  int64_t kv_dim() const { return num_kv_heads * head_dim(); }
  /// Components of each head that the rotary embedding turns.
  int64_t rotary_dims() const { return rotary ? rotary->dims.value_or(head_dim()) : head_dim(); }
  /// Whether the layer's attention is exclusive.
  bool is_exclusive(int64_t layer) const {
    return exclusive_attention && layer >= num_layers - exclusive_attention->last_n;
  }
  /// Length of skip_weights: one vector for every encoder layer that a decoder layer can pop.
  int64_t skip_count() const {
    return encoder_layers() < decoder_layers() ? encoder_layers() : decoder_layers();
  }

  bool operator==(const ModelConfig&) const = default;
};
void describe(JsonFields& fields, ModelConfig& config);
/// @throws Error kInvalidArgument naming the field, its value and what is allowed
void validate(const ModelConfig& config);

/// What travels inside an artifact or checkpoint, so that no tool needs model flags.
struct ModelSpec {
  ModelConfig model;
  EvalConfig eval;

  bool operator==(const ModelSpec&) const = default;
};

/// Key under which a safetensors checkpoint carries its ModelSpec as JSON.
inline constexpr const char* kModelSpecMetadataKey = "golf.model_spec";

/// The `model` and `eval` sections of a document; the sections of a training configuration are passed over,
/// any other key is an error. @throws Error kInvalidArgument naming the key and, when one is near, the key
/// that was meant
ModelSpec model_spec_from_json(const Json& json, const std::string& where);
Json to_json(const ModelSpec& spec);

/// A preset's name ("baseline") or the path of a JSON file. @throws Error kInvalidArgument
ModelSpec load_model_spec(const std::string& name_or_path);

}  // namespace golf
