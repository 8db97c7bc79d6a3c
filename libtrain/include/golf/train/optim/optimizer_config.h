#pragma once

#include <cstdint>
#include <optional>

#include "golf/artifact/base/json_fields.h"

namespace golf {

struct AdamConfig {
  double beta1 = 0.9;
  double beta2 = 0.95;
  double eps = 1e-8;
  double weight_decay = 0.0;  ///< decoupled (AdamW): w ← w · (1 − lr · weight_decay) before the update

  bool operator==(const AdamConfig&) const = default;
};

/// In which type the Newton–Schulz iteration runs, or Muon keeps its momentum.
enum class IterationDType { kBFloat16, kFloat32 };

struct MuonConfig {
  double momentum = 0.95;
  double momentum_warmup_start = 0.85;
  int64_t momentum_warmup_steps = 500;
  double weight_decay = 0.0;  ///< decoupled: W ← W · (1 − lr · weight_decay) before the update
  int64_t ns_steps = 5;
  IterationDType ns_dtype = IterationDType::kBFloat16;
  IterationDType momentum_dtype = IterationDType::kFloat32;  ///< bf16 rounds gradients to it as well (PR 993)

  bool operator==(const MuonConfig&) const = default;
};

/// Departures of one group's Adam from the common settings.
struct AdamGroupConfig {
  double lr_scale = 1.0;  ///< times the rate that the group would have
  std::optional<double> beta1 = {}, beta2 = {}, eps = {}, weight_decay = {};

  /// The common settings with these departures.
  AdamConfig over(AdamConfig common) const;
  bool operator==(const AdamGroupConfig&) const = default;
};

/// The groups that Adam can train, each on its own terms. "smear" is a group only when it is given: else a
/// SmearGate's parameters are controls.
struct AdamGroupsConfig {
  std::optional<AdamGroupConfig> embedding = {}, head = {}, controls = {}, smear = {}, markov = {},
                                 markov_pairs = {};

  bool operator==(const AdamGroupsConfig&) const = default;
};

/// Who trains the lookup tables of BigramHash and ValueEmbedding: Adam with the embedding's rate (PRs 262,
/// 993) or with the controls' (PR 192).
enum class SideTables { kEmbedding, kControls };
/// Who trains their projections: Muon with the blocks' matrices (PR 262) or Adam with the controls (PRs 192,
/// 993).
enum class SideProjections { kMatrices, kControls };

/// Rates of the parameter groups (see parameter_groups.h) and the two optimisers' own settings.
struct OptimizerConfig {
  double embed_lr = 0.6;  ///< embedding of an untied model
  double head_lr = 0.008;
  double tied_embed_lr = 0.05;
  double matrix_lr = 0.04;
  double scalar_lr = 0.04;
  double markov_lr = 0.008;        ///< of MarkovMix's table
  double markov_pairs_lr = 0.008;  ///< of its second-order table
  double grad_clip_norm = 0.0;     ///< 0 is off
  bool clip_each_rank = false;     ///< each rank's own gradients, before they are averaged (PR 993)
  SideTables side_tables = SideTables::kEmbedding;
  SideProjections side_projections = SideProjections::kControls;
  AdamConfig adam;
  AdamGroupsConfig groups;
  MuonConfig muon;

  bool operator==(const OptimizerConfig&) const = default;
};
void describe(JsonFields& fields, AdamConfig& config);
void describe(JsonFields& fields, MuonConfig& config);
void describe(JsonFields& fields, AdamGroupConfig& config);
void describe(JsonFields& fields, AdamGroupsConfig& config);
void describe(JsonFields& fields, OptimizerConfig& config);
/// @throws Error kInvalidArgument naming the field, its value and what is allowed
void validate(const OptimizerConfig& config);

}  // namespace golf
