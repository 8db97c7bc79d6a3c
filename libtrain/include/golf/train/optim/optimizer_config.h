#pragma once

#include <cstdint>
#include <optional>

#include "golf/train/option/option.h"

namespace golf {

/// Adam with decoupled weight decay (AdamW). declare() says what each option means, here and below.
struct AdamConfig {
  double beta1 = 0.9;
  double beta2 = 0.95;
  double eps = 1e-8;
  double weight_decay = 0.0;

  bool operator==(const AdamConfig&) const = default;
};

/// In which type the Newton–Schulz iteration runs, or Muon keeps its momentum.
enum class IterationDType { kBFloat16, kFloat32 };

/// The polynomials of the Newton–Schulz iteration: one for all steps, or PolarExpress's own for each of five
/// (PR 1855).
enum class NewtonSchulz { kQuintic, kPolarExpress };
inline constexpr int64_t kPolarExpressSteps = 5;

/// Late in the run Muon's weight decay falls (PR 1729): from the whole at start_fraction of the run,
/// linearly, to final_scale of it at the end.
struct DecayTaperConfig {
  double start_fraction = 0.7;
  double final_scale = 0.5;

  bool operator==(const DecayTaperConfig&) const = default;
};

struct MuonConfig {
  double momentum = 0.95;
  double momentum_warmup_start = 0.85;
  int64_t momentum_warmup_steps = 500;
  double weight_decay = 0.0;
  bool row_normalize = false;
  int64_t ns_steps = 5;
  NewtonSchulz ns_coefficients = NewtonSchulz::kQuintic;
  IterationDType ns_dtype = IterationDType::kBFloat16;
  IterationDType momentum_dtype = IterationDType::kFloat32;
  std::optional<DecayTaperConfig> decay_taper = {};

  bool operator==(const MuonConfig&) const = default;
};

/// Departures of one group's Adam from the common settings.
struct AdamGroupConfig {
  double lr_scale = 1.0;
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

/// In which type the norm of the gradients is summed: as torch's clip_grad_norm_ does, which every submission
/// calls, or exactly.
enum class NormDType { kFloat32, kFloat64 };

/// Rates of the parameter groups (see parameter_groups.h) and the two optimizers' own settings.
struct OptimizerConfig {
  double embed_lr = 0.6;
  double head_lr = 0.008;
  double tied_embed_lr = 0.05;
  double matrix_lr = 0.04;
  double scalar_lr = 0.04;
  double markov_lr = 0.008;
  double markov_pairs_lr = 0.008;
  double grad_clip_norm = 0.0;
  bool clip_each_rank = false;
  NormDType grad_norm_dtype = NormDType::kFloat32;
  SideTables side_tables = SideTables::kEmbedding;
  SideProjections side_projections = SideProjections::kControls;
  AdamConfig adam;
  AdamGroupsConfig groups;
  MuonConfig muon;

  bool operator==(const OptimizerConfig&) const = default;
};
void declare(OptionVisitor& visit, AdamConfig& config);
void declare(OptionVisitor& visit, DecayTaperConfig& config);
void declare(OptionVisitor& visit, MuonConfig& config);
void declare(OptionVisitor& visit, AdamGroupConfig& config);
void declare(OptionVisitor& visit, AdamGroupsConfig& config);
void declare(OptionVisitor& visit, OptimizerConfig& config);
/// @throws Error kInvalidArgument naming the field, its value and what is allowed
void validate(const OptimizerConfig& config);

}  // namespace golf
