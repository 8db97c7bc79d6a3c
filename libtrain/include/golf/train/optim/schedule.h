#pragma once

#include <cstdint>
#include <optional>

#include "golf/train/optim/optimizer_config.h"
#include "golf/train/option/option.h"

namespace golf {

/// How long a run lasts and how its learning rates fall at the end: over the last steps, or over a last share
/// of the run.
struct ScheduleConfig {
  int64_t iterations = 20'000;
  int64_t warmdown_iters = 1200;
  std::optional<double> warmdown_fraction = {};
  double min_lr = 0.0;
  int64_t warmup_steps = 20;
  double max_wallclock_seconds = 600.0;
  double reserve_seconds = 0.0;

  /// Milliseconds of training after which the run ends; 0 without a cap.
  double cap_ms() const;
  bool operator==(const ScheduleConfig&) const = default;
};
void declare(OptionVisitor& visit, ScheduleConfig& config);
/// @throws Error kInvalidArgument naming the field, its value and what is allowed
void validate(const ScheduleConfig& config);

/// What every group's rate is multiplied by, in [0, 1].
///
/// Without a wall-clock cap: 1 until the last warmdown_iters iterations, then (iterations − finished) /
/// warmdown_iters. With a cap the iterations play no part: 1 until the time that is left is what
/// warmdown_iters steps would take at the present speed, then the ratio of the two. warmdown_iters ≤ 0 is
/// always 1.
///
/// With a warmdown_fraction w instead, by the run's progress φ: 1 while φ < 1 − w, then (1 − φ) / w. In the
/// warmdown of either kind the multiplier is min_lr at least.
/// Source: docs/SUBMISSIONS.md, Upstream reference and PR 1394, Training.
/// @param finished_steps  steps done so far, 0 for the first
/// @param train_ms        milliseconds of training so far, validation excluded
double lr_multiplier(const ScheduleConfig& config, int64_t finished_steps, double train_ms);

/// How much of the run is over, in [0, 1]: of its time when that is capped, else of its iterations.
double run_progress(const ScheduleConfig& config, int64_t finished_steps, double train_ms);

/// What Muon's weight decay is multiplied by at that progress of the run, see DecayTaperConfig.
double muon_decay_scale(const MuonConfig& config, double progress);

/// Muon's momentum: linear from its start value to the nominal one over momentum_warmup_steps.
double muon_momentum(const MuonConfig& config, int64_t finished_steps);

}  // namespace golf
