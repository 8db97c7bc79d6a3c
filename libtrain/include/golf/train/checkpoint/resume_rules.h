#pragma once

#include "golf/train/config/train_config.h"

namespace golf {

/// Refuses to continue a run under another configuration. What its steps do not depend on may differ (when it
/// validates, logs, saves; how it is evaluated and packed; device and threads), and so may its limits,
/// schedule.iterations and schedule.max_wallclock_seconds: the steps to come go by the new ones.
/// @throws Error kMismatch naming the first key that differs, and both values
void require_resumable(const TrainConfig& saved, const TrainConfig& now);

}  // namespace golf
