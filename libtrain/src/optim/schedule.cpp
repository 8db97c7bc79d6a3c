#include "golf/train/optim/schedule.h"

#include <algorithm>

namespace golf {

void declare(OptionVisitor& visit, ScheduleConfig& config) {
  visit.field("iterations", config.iterations,
              {.meaning = "optimizer steps, at most",
               .low = 0,
               .high = kMostSteps,
               .variables = {"ITERATIONS"},
               .on_resume = OnResume::kMayChange});
  visit.field("warmdown_iters", config.warmdown_iters,
              {.meaning = "last steps, over which the rates fall to 0",
               .low = 0,
               .high = kMostSteps,
               .variables = {"WARMDOWN_ITERS"}});
  visit.field("warmup_steps", config.warmup_steps,
              {.meaning = "first steps, whose effect is undone",
               .low = 0,
               .high = kMostSteps,
               .variables = {"WARMUP_STEPS"},
               .on_resume = OnResume::kMayChange});
  visit.field("max_wallclock_seconds", config.max_wallclock_seconds,
              {.meaning = "cap of training time without validation; 0 is no cap",
               .low = 0,
               .high = 1e9,
               .on_resume = OnResume::kMayChange});
}

double lr_multiplier(const ScheduleConfig& config, int64_t finished_steps, double train_ms) {
  if (config.warmdown_iters <= 0) return 1.0;
  const auto warmdown_iters = static_cast<double>(config.warmdown_iters);
  if (config.max_wallclock_seconds <= 0) {
    const int64_t steps_left = config.iterations - finished_steps;
    if (steps_left > config.warmdown_iters) return 1.0;
    return std::max(static_cast<double>(steps_left) / warmdown_iters, 0.0);
  }
  const double step_ms = train_ms / static_cast<double>(std::max<int64_t>(finished_steps, 1));
  const double warmdown_ms = warmdown_iters * step_ms;
  const double ms_left = std::max(1000.0 * config.max_wallclock_seconds - train_ms, 0.0);
  return ms_left <= warmdown_ms ? ms_left / std::max(warmdown_ms, 1e-9) : 1.0;
}

double run_progress(const ScheduleConfig& config, int64_t finished_steps, double train_ms) {
  const bool by_clock = config.max_wallclock_seconds > 0;
  const double done = by_clock ? train_ms : static_cast<double>(finished_steps);
  const double whole =
      by_clock ? 1000.0 * config.max_wallclock_seconds : static_cast<double>(config.iterations);
  return whole > 0 ? std::min(done / whole, 1.0) : 1.0;
}

double muon_momentum(const MuonConfig& config, int64_t finished_steps) {
  const double fraction =
      config.momentum_warmup_steps <= 0
          ? 1.0
          : std::min(static_cast<double>(finished_steps) / static_cast<double>(config.momentum_warmup_steps),
                     1.0);
  return (1.0 - fraction) * config.momentum_warmup_start + fraction * config.momentum;
}

}  // namespace golf
