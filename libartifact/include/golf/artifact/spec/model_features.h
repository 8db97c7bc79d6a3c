#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "golf/artifact/base/json_fields.h"

namespace golf {

// The optional parts of a model, one struct each; a ModelConfig holds those it uses. Sizes are in elements.
// The formulas stand with the code that computes them, in libeval/src/model/features.

/// Whether a position mixes in its predecessor channel by channel, after the first norm, with the two weights
/// adding up to 1 (PRs 262, 993); or adds it, before that norm, with one weight per token that depends on the
/// token (PR 192).
enum class SmearVariant { kPerChannel, kPerToken };
struct SmearGateConfig {
  SmearVariant variant = SmearVariant::kPerChannel;

  bool operator==(const SmearGateConfig&) const = default;
};

/// Whether the hashed pair of tokens is added to the embedding (PRs 262, 993) or before every layer, each
/// with its own weight (PR 192).
enum class BigramSite { kInput, kEveryLayer };
struct BigramHashConfig {
  BigramSite site = BigramSite::kInput;
  int64_t buckets = 2048;  ///< rows of the table; the last is for positions without a predecessor
  int64_t dim = 128;       ///< columns; unless equal to model_dim, a projection follows

  bool operator==(const BigramHashConfig&) const = default;
};

/// A second embedding of the same token, added to the attention values of some layers (PR 993).
struct ValueEmbeddingConfig {
  int64_t dim = 128;
  std::vector<int64_t> layers;  ///< ascending, counted from 0

  bool operator==(const ValueEmbeddingConfig&) const = default;
};

/// Exclusive self-attention (XSA): in the last layers, what attention gives loses its component along the
/// position's own value (PR 993).
struct ExclusiveAttentionConfig {
  int64_t last_n = 0;

  bool operator==(const ExclusiveAttentionConfig&) const = default;
};

/// Departures from a rotary embedding of the whole head with a fixed base.
struct RotaryConfig {
  /// Only so many leading components of each head turn (PR 993); all without it.
  std::optional<int64_t> dims;
  /// Beyond this length T₀ the base grows by (T/T₀)^(R/(R−2)), R the rotating components (PRs 262, 993).
  std::optional<int64_t> ntk_reference_length;

  bool operator==(const RotaryConfig&) const = default;
};

/// The second-order part of MarkovMix: a table over hashed pairs of tokens.
struct MarkovPairsConfig {
  int64_t buckets = 65'536;
  double gate_threshold = 0.2;
  double gate_temp = 0.05;

  bool operator==(const MarkovPairsConfig&) const = default;
};

/// Adds the logits of a learned first-order Markov table where that table is sure of itself (PR 1046).
struct MarkovMixConfig {
  double gate_threshold = 0.2;  ///< gap between the two best table logits at which the gate is half open
  double gate_temp = 0.05;      ///< width of the gate, in the same unit
  std::optional<MarkovPairsConfig> pairs;

  bool operator==(const MarkovMixConfig&) const = default;
};

/// max(x, 0)², or (x for x > 0, x/2 otherwise)² (PR 993).
enum class MlpActivation { kRelu2, kLeakyRelu2 };

/// The order of the tensors in a checkpoint and an artifact: upstream's, or the one that splitting PR 993's
/// parameter banks gives (all layers' matrices of one kind, kind after kind, before everything else).
enum class TensorOrder { kByLayer, kByBank };

void describe(JsonFields& fields, SmearGateConfig& config);
void describe(JsonFields& fields, BigramHashConfig& config);
void describe(JsonFields& fields, ValueEmbeddingConfig& config);
void describe(JsonFields& fields, ExclusiveAttentionConfig& config);
void describe(JsonFields& fields, RotaryConfig& config);
void describe(JsonFields& fields, MarkovPairsConfig& config);
void describe(JsonFields& fields, MarkovMixConfig& config);
void describe_field(JsonFields& fields, std::string_view key, MlpActivation& activation);
void describe_field(JsonFields& fields, std::string_view key, TensorOrder& order);

}  // namespace golf
