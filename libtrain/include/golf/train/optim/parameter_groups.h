#pragma once

#include <string>
#include <vector>

#include "golf/artifact/spec/model_config.h"
#include "golf/train/trainer/train_config.h"

namespace golf {

enum class OptimizerKind { kAdam, kMuon };

/// Parameters that share an optimiser and a rate.
struct ParameterGroup {
  std::string name;  ///< "embedding", "head", "matrices", "controls"
  OptimizerKind optimizer;
  double base_lr;                       ///< before the schedule's multiplier
  std::vector<std::string> parameters;  ///< inventory names, in the order in which they are updated
};

/// Who updates what, in the order in which the optimisers step: the embedding (Adam), an untied head (Adam),
/// the blocks' matrices (Muon), and the blocks' other parameters with the skip weights (Adam). A matrix whose
/// name marks it as a control tensor (resid_mix) counts as "other". Every parameter of the inventory is in
/// exactly one group; empty groups are left out. Spec §4.
std::vector<ParameterGroup> plan_parameter_groups(const ModelConfig& model, const OptimizerConfig& config);

}  // namespace golf
