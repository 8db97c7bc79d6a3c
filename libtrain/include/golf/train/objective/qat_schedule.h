#pragma once

#include <cstdint>

#include "golf/train/objective/objective_config.h"

namespace golf {

/// Whether quantisation-aware training is due in a step with that multiplier, after `progress` of the run
/// (see run_progress). Once due, it stays: the caller remembers.
bool qat_due(const QatConfig& config, double lr_multiplier, double progress);

/// Whether a started QatMethod::kNoise adds noise after the step that made `finished_steps`.
bool noise_due(const QatConfig& config, int64_t finished_steps);

}  // namespace golf
