#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "golf/artifact/spec/model_config.h"
#include "golf/train/optim/optimizer_config.h"

namespace golf {

enum class OptimizerKind { kAdam, kMuon };

/// Parameters that share an optimizer and its settings.
struct ParameterGroup {
  std::string name;  ///< "embedding", "head", "matrices", "controls", "smear", "markov", "markov_pairs"
  OptimizerKind optimizer;
  double base_lr;                       ///< before the schedule's multiplier
  AdamConfig adam;                      ///< for OptimizerKind::kAdam
  std::vector<std::string> parameters;  ///< inventory names, in the order in which they are updated
};

/// Who updates what, in the order in which the optimizers step: the embedding (Adam), an untied head (Adam),
/// the blocks' matrices and after them the multi-token heads (Muon), and everything else (Adam). Each
/// parameter's declaration says which group it belongs to (ParameterKind::group). MarkovMix's tables are
/// groups of their own; a SmearGate is one where the configuration gives it settings; SideTables and
/// SideProjections say where the features' tables and projections belong. Every parameter of the inventory is
/// in exactly one group, or in none when its declaration says that nothing trains it; empty groups are left
/// out. Source: docs/SUBMISSIONS.md, upstream reference and each pull request, Training.
/// @param mtp_heads  multi-token heads, whose parameters are mtp_head_name(0) …
std::vector<ParameterGroup> plan_parameter_groups(const ModelConfig& model, const OptimizerConfig& config,
                                                  int64_t mtp_heads = 0);

/// "mtp_heads.INDEX.weight".
std::string mtp_head_name(int64_t index);

}  // namespace golf
