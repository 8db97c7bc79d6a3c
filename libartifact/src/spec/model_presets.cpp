#include "golf/artifact/spec/model_presets.h"

#include <vector>

namespace golf {
namespace {

/// Full-size models as the entries trained them (their commands' values), and the tiny ones of the same
/// make that a CPU trains in a minute: context 256, stride 64.
const EvalConfig kTinyEval = {.seq_len = 256, .stride = 64, .batch_seqs = 16};

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
  return {.num_layers = 11, .mlp_hidden = 1536, .features = {{"smear_gate", {{"variant", "per_token"}}}}};
}

ModelConfig pr262() {
  return {.num_layers = 8,
          .mlp_hidden = 1536,
          .features = {{"smear_gate", {{"variant", "per_channel"}}},
                       {"bigram_hash", {{"site", "input"}, {"buckets", 2048}, {"dim", 128}}},
                       {"rotary", {{"ntk_reference_length", 1024}}}}};
}

ModelConfig pr262_tiny() {
  ModelConfig config = tiny(pr262(), 4, 128, 384);
  config.features.set("bigram_hash", {{"buckets", 512}, {"dim", 64}});
  return config;
}

ModelConfig pr993() {
  return {.num_layers = 11,
          .mlp_hidden = 1536,
          .features = {{"smear_gate", {{"variant", "per_channel"}}},
                       {"bigram_hash", {{"site", "input"}, {"buckets", 2048}, {"dim", 128}}},
                       {"value_embedding", {{"dim", 128}, {"layers", Json::array({9, 10})}}},
                       {"exclusive_attention", {{"last_n", 11}}},
                       {"rotary", {{"dims", 16}, {"ntk_reference_length", 1024}}}},
          .mlp_activation = MlpActivation::kLeakyRelu2,
          .layer_scale = true,
          .tensor_order = TensorOrder::kByBank};
}

ModelConfig pr993_tiny() {
  ModelConfig config = tiny(pr993(), 5, 160, 480);
  config.features.set("value_embedding", {{"dim", 128}, {"layers", Json::array({3, 4})}});
  config.features.set("exclusive_attention", {{"last_n", 5}});
  return config;
}

ModelConfig pr1046() {
  return {.num_layers = 11, .features = {{"markov_mix", {{"gate_threshold", 0.2}, {"gate_temp", 0.03}}}}};
}

/// What all records of April share.
ModelConfig april(int64_t first_looped, int64_t last_looped) {
  return {.vocab_size = 8192,
          .num_layers = 11,
          .mlp_hidden = 2048,
          .features = {{"exclusive_attention", {{"last_n", 11}}},
                       {"rotary", {{"dims", 16}}},
                       {"depth_recurrence",
                        {{"first_block", first_looped}, {"last_block", last_looped}, {"loops", 2}}},
                       {"gated_skips", {}}},
          .mlp_activation = MlpActivation::kLeakyRelu2,
          .layer_scale = true};
}

ModelConfig april_tiny(ModelConfig config, int64_t layers, int64_t dim, int64_t last_looped) {
  config = tiny(std::move(config), layers, dim, 4 * dim);
  config.features.set("exclusive_attention", {{"last_n", layers}});
  config.features.set("depth_recurrence", {{"first_block", 2}, {"last_block", last_looped}, {"loops", 2}});
  return config;
}

ModelConfig pr1394() {
  ModelConfig config = april(4, 5);
  config.features.set("rotary", {{"dims", 16}, {"ntk_reference_length", 2048}});
  return config;
}

ModelConfig pr1394_tiny() {
  ModelConfig config = april_tiny(pr1394(), 6, 96, 3);
  config.features.set("rotary", {{"dims", 16}, {"ntk_reference_length", 256}});
  return config;
}

ModelConfig pr1493() {
  ModelConfig config = april(3, 5);
  config.features.set("rotary", {{"dims", 16}, {"ntk_reference_length", 2048}});
  config.features.set("parallel_residual", {{"from_block", 7}});
  return config;
}

ModelConfig pr1493_tiny() {
  ModelConfig config = april_tiny(pr1493(), 7, 128, 4);
  config.mlp_hidden = 384;
  config.features.set("rotary", {{"dims", 16}, {"ntk_reference_length", 256}});
  config.features.set("parallel_residual", {{"from_block", 5}});
  return config;
}

ModelConfig pr1855() {
  ModelConfig config = april(3, 5);
  config.features.set("smear_gate", {{"variant", "per_token"}, {"window", 12}, {"bos_id", 1}});
  config.features.set("parallel_residual", {{"from_block", 8}, {"layout", "two_lanes"}});
  config.features.set("attention_gate", {{"variant", "sparse"}, {"window", 12}, {"scale", 0.5}});
  config.tensor_order = TensorOrder::kBanksFirst;
  return config;
}

ModelConfig pr1855_tiny(ModelConfig config) {
  config = april_tiny(std::move(config), 7, 128, 3);
  config.features.set("parallel_residual", {{"from_block", 5}, {"layout", "two_lanes"}});
  return config;
}

/// PRs 1945, 1953, 2014: PR 1855 with softcaps of their own for both signs.
ModelConfig pr1945() {
  ModelConfig config = pr1855();
  config.features.set("asym_logit", {{"place", "after_smear_lambda"}});
  return config;
}

ModelConfig pr2135() {
  ModelConfig config = pr1855();
  config.features.set("smear_gate", {{"variant", "per_token"}, {"window", 12}});
  config.features.set("asym_logit", {{"place", "first"}});
  return config;
}

EvalConfig eval_of(int64_t seq_len) { return {.seq_len = seq_len, .stride = 64, .batch_seqs = 32}; }
EvalConfig tiny_eval_of(int64_t seq_len) { return {.seq_len = seq_len, .stride = 64, .batch_seqs = 16}; }

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
      {"pr1394",
       "PR 1394: 8,192 pieces, depth recurrence over blocks 4 and 5, gated skips",
       {.model = pr1394(), .eval = eval_of(2048)}},
      {"pr1394-tiny", "PR 1394 at 6 layers, 96 wide", {.model = pr1394_tiny(), .eval = kTinyEval}},
      {"pr1493",
       "PR 1493: PR 1394 with recurrence over blocks 3 to 5 and parallel residuals from block 7",
       {.model = pr1493(), .eval = eval_of(2048)}},
      {"pr1493-tiny", "PR 1493 at 7 layers, 128 wide", {.model = pr1493_tiny(), .eval = kTinyEval}},
      {"pr1855",
       "PR 1855: recurrence, two lanes from block 8, sparse attention gate, SmearGate, banks",
       {.model = pr1855(), .eval = eval_of(2048)}},
      {"pr1855-tiny", "PR 1855 at 7 layers, 128 wide", {.model = pr1855_tiny(pr1855()), .eval = kTinyEval}},
      {"pr1945", "PR 1945: PR 1855 with AsymLogit", {.model = pr1945(), .eval = eval_of(2816)}},
      {"pr1953", "PR 1953: PR 1855 with AsymLogit", {.model = pr1945(), .eval = eval_of(2560)}},
      {"pr2014",
       "PR 2014: PR 1855 with AsymLogit, trained up to length 3,072",
       {.model = pr1945(), .eval = eval_of(3072)}},
      {"pr2014-tiny",
       "PR 2014 at 7 layers, 128 wide",
       {.model = pr1855_tiny(pr1945()), .eval = tiny_eval_of(384)}},
      {"pr2135",
       "PR 2135: PR 1855 with AsymLogit, its SmearGate reaching over documents",
       {.model = pr2135(), .eval = eval_of(2560)}},
      {"pr2135-tiny",
       "PR 2135 at 7 layers, 128 wide",
       {.model = pr1855_tiny(pr2135()), .eval = tiny_eval_of(320)}},
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
