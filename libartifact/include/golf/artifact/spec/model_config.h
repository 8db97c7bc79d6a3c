#pragma once

#include <cstdint>
#include <string>

#include "golf/artifact/base/json_fields.h"
#include "golf/artifact/spec/eval_config.h"
#include "golf/artifact/spec/feature_set.h"

namespace golf {

/// max(x, 0)², or (x for x > 0, x/2 otherwise)² (PR 993).
enum class MlpActivation { kRelu2, kLeakyRelu2 };

/// The order of the tensors in a checkpoint and an artifact: upstream's, or one that splitting parameter
/// banks gives (all matrices of one kind, kind after kind, before the embedding). The banks follow the
/// transformer's other own parameters (kByBank, PR 993) or precede them (kBanksFirst, PR 1855).
enum class TensorOrder { kByLayer, kByBank, kBanksFirst };

/// The shape of a model: everything the forward pass needs besides the weights. Defaults are the challenge's
/// baseline; sizes are in elements. Optional parts are `features`, each declared in spec/features.
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

  FeatureSet features = {};
  MlpActivation mlp_activation = MlpActivation::kRelu2;
  bool layer_scale = false;  ///< block i reads its norms times 1/√(i+1) (PR 993)
  TensorOrder tensor_order = TensorOrder::kByLayer;

  int64_t head_dim() const { return model_dim / num_heads; }
  int64_t kv_dim() const { return num_kv_heads * head_dim(); }

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
