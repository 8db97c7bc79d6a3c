#pragma once

#include <cstdint>
#include <optional>

#include "golf/artifact/base/json_fields.h"
#include "golf/artifact/spec/adapt_config.h"

namespace golf {

/// How much a cache weighs against the model, from the entropy of the model's distribution alone. The
/// defaults are PR 993's. Source: docs/SUBMISSIONS.md, PR 993, Evaluation.
struct EntropyWeight {
  enum class Mode {
    kSigmoid,  ///< min + (max − min) / (1 + exp(−scale · (H − center))); 993's "sigmoid_raw_entropy"
    kLinear,   ///< min + (max − min) · clip(H / ln V, 0, 1)
    kFixed,    ///< fixed
  };
  Mode mode = Mode::kSigmoid;
  double min = 0.05;
  double max = 0.60;
  double center = 4.0;  ///< nats
  double scale = 2.0;   ///< per nat
  double fixed = 0.40;

  bool operator==(const EntropyWeight&) const = default;
};

/// PR 993's hashed n-gram cache; the defaults are its final run's.
struct HashedNgramConfig {
  int64_t min_order = 2;
  int64_t max_order = 7;
  int64_t buckets = 4'194'304;  ///< of each table, a power of two
  int64_t min_count = 2;        ///< a context seen less often is no match
  EntropyWeight weight = {};
  int64_t shards = 1;  ///< caches, one per rank: each starts empty at its share of the windows

  bool operator==(const HashedNgramConfig&) const = default;
};

/// The exact n-gram cache. The defaults were chosen by measurement on real validation text
/// (docs/POSTPROCESSORS.md).
struct ExactCacheConfig {
  int64_t max_order = 6;                 ///< longest n-gram, target included
  double discount = 0.75;                ///< taken from every count, given to shorter contexts
  int64_t max_nodes = int64_t{1} << 26;  ///< different n-grams kept: about 28 bytes each

  bool operator==(const ExactCacheConfig&) const = default;
};

void describe(JsonFields& fields, EntropyWeight& weight);
void describe(JsonFields& fields, HashedNgramConfig& config);
void describe(JsonFields& fields, ExactCacheConfig& config);
/// @throws Error kInvalidArgument naming the field, its value and what is allowed
void validate(const HashedNgramConfig& config);
void validate(const ExactCacheConfig& config);

/// How a model is meant to be evaluated; lengths in tokens. Caches and adaptation stand here with their
/// parameters, as the stride does: whether one is used is said where the evaluation is asked for.
struct EvalConfig {
  int64_t seq_len = 1024;
  int64_t stride = 64;      ///< of sliding evaluation
  int64_t batch_seqs = 32;  ///< sequences in one forward pass
  HashedNgramConfig ngram_hashed = {};
  ExactCacheConfig ngram_exact = {};
  std::optional<AdaptConfig> adapt = {};

  bool operator==(const EvalConfig&) const = default;
};
void describe(JsonFields& fields, EvalConfig& config);
/// @throws Error kInvalidArgument as above
void validate(const EvalConfig& config);

}  // namespace golf
