#include "golf/artifact/spec/model_presets.h"

#include <vector>

namespace golf {
namespace {

/// Full-size models as the entries trained them (their commands' values), and the tiny ones of the same
/// make that a CPU trains in a minute: context 256, stride 64.
constexpr EvalConfig kTinyEval = {.seq_len = 256, .stride = 64, .batch_seqs = 16};

ModelConfig tiny(ModelConfig config, int64_t layers, int64_t dim, int64_t mlp_hidden) {
  config.num_layers = layers;
  config.model_dim = dim;
  config.num_heads = 4;
  config.num_kv_heads = 2;
  config.mlp_hidden = mlp_hidden;
  return config;
}

ModelConfig pr88() { return {.mlp_hidden = 1536}; }

ModelConfig pr192() {
  return {.num_layers = 11, .mlp_hidden = 1536, .smear_gate = {{.variant = SmearVariant::kPerToken}}};
}

ModelConfig pr262() {
  return {.num_layers = 8,
          .mlp_hidden = 1536,
          .smear_gate = {{.variant = SmearVariant::kPerChannel}},
          .bigram_hash = {{.site = BigramSite::kInput, .buckets = 2048, .dim = 128}},
          .rotary = {{.dims = {}, .ntk_reference_length = 1024}}};
}

ModelConfig pr262_tiny() {
  ModelConfig config = tiny(pr262(), 4, 128, 384);
  config.bigram_hash->buckets = 512;
  config.bigram_hash->dim = 64;
  return config;
}

ModelConfig pr993() {
  return {.num_layers = 11,
          .mlp_hidden = 1536,
          .smear_gate = {{.variant = SmearVariant::kPerChannel}},
          .bigram_hash = {{.site = BigramSite::kInput, .buckets = 2048, .dim = 128}},
          .value_embedding = {{.dim = 128, .layers = {9, 10}}},
          .exclusive_attention = {{.last_n = 11}},
          .rotary = {{.dims = 16, .ntk_reference_length = 1024}},
          .mlp_activation = MlpActivation::kLeakyRelu2,
          .layer_scale = true,
          .tensor_order = TensorOrder::kByBank};
}

ModelConfig pr993_tiny() {
  ModelConfig config = tiny(pr993(), 5, 160, 480);
  config.value_embedding = ValueEmbeddingConfig{.dim = 128, .layers = {3, 4}};
  config.exclusive_attention->last_n = 5;
  return config;
}

ModelConfig pr1046() {
  return {.num_layers = 11, .markov_mix = {{.gate_threshold = 0.2, .gate_temp = 0.03, .pairs = {}}}};
}

}  // namespace

std::span<const ModelPreset> model_presets() {
  static const std::vector<ModelPreset> kPresets = {
      {"baseline", "the challenge's upstream model: 9 layers, 512 wide, 17,059,912 parameters", {}},
      {"baseline-tiny",
       "the baseline at 5 layers, 128 wide, context 256: for CPUs and tests",
       {.model = tiny({}, 5, 128, 256), .eval = kTinyEval}},
      {"pr88",
       "PR 88: the baseline with a wider MLP, trained at length 4,096",
       {.model = pr88(), .eval = {.seq_len = 4096, .stride = 512, .batch_seqs = 1}}},
      {"pr88-tiny", "PR 88 at 5 layers, 128 wide", {.model = tiny(pr88(), 5, 128, 384), .eval = kTinyEval}},
      {"pr192",
       "PR 192: 11 layers, SmearGate per token",
       {.model = pr192(), .eval = {.seq_len = 2048, .stride = 64, .batch_seqs = 32}}},
      {"pr192-tiny",
       "PR 192 at 4 layers, 128 wide",
       {.model = tiny(pr192(), 4, 128, 384), .eval = kTinyEval}},
      {"pr262",
       "PR 262: 8 layers, BigramHash, SmearGate per channel, NTK-rescaled rotary embedding",
       {.model = pr262(), .eval = {.seq_len = 2048, .stride = 64, .batch_seqs = 32}}},
      {"pr262-tiny", "PR 262 at 4 layers, 128 wide", {.model = pr262_tiny(), .eval = kTinyEval}},
      {"pr993",
       "PR 993: 11 layers, XSA, value embedding, BigramHash, SmearGate, partial rotary embedding",
       {.model = pr993(), .eval = {.seq_len = 2048, .stride = 64, .batch_seqs = 32}}},
      {"pr993-tiny", "PR 993 at 5 layers, 160 wide", {.model = pr993_tiny(), .eval = kTinyEval}},
      {"pr1046", "PR 1046: 11 layers and an adaptive Markov mixture", {.model = pr1046(), .eval = {}}},
      {"pr1046-tiny",
       "PR 1046 at 5 layers, 128 wide",
       {.model = tiny(pr1046(), 5, 128, 256), .eval = kTinyEval}},
  };
  return kPresets;
}

std::optional<ModelSpec> find_model_preset(std::string_view name) {
  for (const ModelPreset& preset : model_presets()) {
    if (preset.name == name) return preset.spec;
  }
  return std::nullopt;
}

}  // namespace golf
