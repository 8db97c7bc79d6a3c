#include "golf/train/optim/schedule.h"

#include <fmt/format.h>

#include <algorithm>

#include "golf/artifact/base/error.h"

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
  visit.field("warmdown_fraction", config.warmdown_fraction,
              {.meaning = "instead: last share of the run, over which they fall", .low = 0, .high = 1});
  visit.field("min_lr", config.min_lr,
              {.meaning = "share of the rates below which they do not fall",
               .low = 0,
               .high = 1,
               .variables = {"MIN_LR"}});
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
  visit.field("reserve_seconds", config.reserve_seconds,
              {.meaning = "part of the cap that is kept for calibrating and packing",
               .low = 0,
               .high = 1e9,
               .variables = {"GPTQ_RESERVE_SECONDS"},
               .on_resume = OnResume::kMayChange});
}

void validate(const ScheduleConfig& config) {
  const auto& fraction = config.warmdown_fraction;
  require(!fraction || *fraction > 0, "schedule.warmdown_fraction",
          "is 0: leave it away (null) for rates that do not fall");
  require(!fraction || config.warmdown_iters == 0, "schedule.warmdown_fraction",
          fmt::format("schedule.warmdown_iters is {} too: set one of them, the other to null or 0",
                      config.warmdown_iters));
  require(config.min_lr == 0 || fraction || config.warmdown_iters > 0, "schedule.min_lr",
          fmt::format("is {}, but the rates do not fall: set schedule.warmdown_fraction or warmdown_iters",
                      config.min_lr));
  require(config.max_wallclock_seconds <= 0 || config.reserve_seconds < config.max_wallclock_seconds,
          "schedule.reserve_seconds",
          fmt::format("{} seconds leave nothing of max_wallclock_seconds {}", config.reserve_seconds,
                      config.max_wallclock_seconds));
}

double ScheduleConfig::cap_ms() const {
  return max_wallclock_seconds > 0 ? 1000.0 * (max_wallclock_seconds - reserve_seconds) : 0.0;
}

namespace {

/// 1, or in the warmdown of the last iterations the share of it that is left.
double share_of_last_iterations(const ScheduleConfig& config, int64_t finished_steps, double train_ms) {
  const auto warmdown_iters = static_cast<double>(config.warmdown_iters);
  if (config.cap_ms() <= 0) {
    const int64_t steps_left = config.iterations - finished_steps;
    if (steps_left > config.warmdown_iters) return 1.0;
    return std::max(static_cast<double>(steps_left) / warmdown_iters, 0.0);
  }
  const double step_ms = train_ms / static_cast<double>(std::max<int64_t>(finished_steps, 1));
  const double warmdown_ms = warmdown_iters * step_ms;
  const double ms_left = std::max(config.cap_ms() - train_ms, 0.0);
  return ms_left <= warmdown_ms ? ms_left / std::max(warmdown_ms, 1e-9) : 1.0;
}

}  // namespace

double lr_multiplier(const ScheduleConfig& config, int64_t finished_steps, double train_ms) {
  if (config.warmdown_fraction) {
    const double left = 1.0 - run_progress(config, finished_steps, train_ms);
    return left > *config.warmdown_fraction ? 1.0 : std::max(left / *config.warmdown_fraction, config.min_lr);
  }
  if (config.warmdown_iters <= 0) return 1.0;
  return std::max(share_of_last_iterations(config, finished_steps, train_ms), config.min_lr);
}

double run_progress(const ScheduleConfig& config, int64_t finished_steps, double train_ms) {
  const bool by_clock = config.cap_ms() > 0;
  const double done = by_clock ? train_ms : static_cast<double>(finished_steps);
  const double whole = by_clock ? config.cap_ms() : static_cast<double>(config.iterations);
  return whole > 0 ? std::min(done / whole, 1.0) : 1.0;
}

double muon_decay_scale(const MuonConfig& config, double progress) {
  if (!config.decay_taper || progress < config.decay_taper->start_fraction) return 1.0;
  const auto& [start, final_scale] = *config.decay_taper;
  const double fallen = start < 1 ? (progress - start) / (1 - start) : 1.0;
  return 1.0 + (final_scale - 1.0) * fallen;
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
