#include <vector>

#include "golf/artifact/spec/feature_declaration.h"

namespace golf {
namespace {

using Kind = InitialValue::Kind;
using Shaped = Shape (*)(const ModelConfig&, const FeatureSettings&);

constexpr Shaped kPerChannel = [](const ModelConfig& c, const FeatureSettings&) {
  return Shape{c.model_dim};
};
constexpr Shaped kVocabulary = [](const ModelConfig& c, const FeatureSettings&) {
  return Shape{c.vocab_size, c.model_dim};
};
constexpr Shaped kQuery = [](const ModelConfig& c, const FeatureSettings&) {
  return Shape{c.model_dim, c.model_dim};
};
constexpr Shaped kKeyValue = [](const ModelConfig& c, const FeatureSettings&) {
  return Shape{c.kv_dim(), c.model_dim};
};

ParameterKind control(std::string_view name, int64_t rank, InitialValue initial, Shaped shape) {
  return {.name = name,
          .role = TensorRole::kControl,
          .place = {Site::kBlocks, rank},
          .initial = initial,
          .group = "controls",
          .shape = shape,
          .keep_float = true};
}

ParameterKind matrix(std::string_view name, int64_t rank, TensorRole role, Kind initial, Shaped shape) {
  return {.name = name,
          .role = role,
          .place = {Site::kBlocks, rank},
          .initial = {.kind = initial},
          .group = "matrices",
          .shape = shape};
}

}  // namespace

std::span<const ParameterKind> transformer_parameters() {
  using enum TensorRole;
  static const std::vector<ParameterKind> kRows = {
      {.name = "skip_weights",
       .role = kControl,
       .place = {Site::kOwn, 0},
       .initial = {},
       .group = "controls",
       .shape =
           [](const ModelConfig& c, const FeatureSettings&) {
             return Shape{layer_plan(c).skip_count(), c.model_dim};
           },
       .present = [](const ModelConfig& c, const FeatureSettings&) { return c.unet_skips; },
       .keep_float = true},
      {.name = "tok_emb.weight",
       .role = kEmbedding,
       .place = {Site::kEmbedding},
       .initial = {.kind = Kind::kEmbedding},
       .group = "embedding",
       .shape = kVocabulary},
      control("blocks.{}.attn_scale", 0, {}, kPerChannel),
      control("blocks.{}.mlp_scale", 1, {}, kPerChannel),
      control("blocks.{}.resid_mix", 2, {.kind = Kind::kFirstRowOne},
              [](const ModelConfig& c, const FeatureSettings&) {
                return Shape{2, c.model_dim};
              }),
      control("blocks.{}.attn.q_gain", 3, {.value = 1.5, .setting = "qk_gain_init"},
              [](const ModelConfig& c, const FeatureSettings&) { return Shape{c.num_heads}; }),
      matrix("blocks.{}.attn.c_q.weight", 10, kAttentionMatrix, Kind::kMatrix, kQuery),
      matrix("blocks.{}.attn.c_k.weight", 11, kAttentionMatrix, Kind::kMatrix, kKeyValue),
      matrix("blocks.{}.attn.c_v.weight", 12, kAttentionMatrix, Kind::kMatrix, kKeyValue),
      matrix("blocks.{}.attn.proj.weight", 13, kAttentionMatrix, Kind::kZeroMatrix, kQuery),
      matrix("blocks.{}.mlp.fc.weight", 20, kMlpMatrix, Kind::kMatrix,
             [](const ModelConfig& c, const FeatureSettings&) {
               return Shape{c.mlp_hidden, c.model_dim};
             }),
      matrix("blocks.{}.mlp.proj.weight", 21, kMlpMatrix, Kind::kZeroMatrix,
             [](const ModelConfig& c, const FeatureSettings&) {
               return Shape{c.model_dim, c.mlp_hidden};
             }),
      {.name = "lm_head.weight",
       .role = kHead,
       .place = {Site::kHead},
       .initial = {.kind = Kind::kZeroMatrix},
       .group = "head",
       .shape = kVocabulary,
       .present = [](const ModelConfig& c, const FeatureSettings&) { return !c.tie_embeddings; }},
  };
  return kRows;
}

}  // namespace golf
