#include "golf/train/objective/qat_schedule.h"

namespace golf {

bool qat_due(const QatConfig& config, double lr_multiplier, double progress) {
  if (config.method == QatMethod::kOff || progress < config.start_fraction) return false;
  return config.start_lr_below <= 0 || lr_multiplier < config.start_lr_below;
}

bool noise_due(const QatConfig& config, int64_t finished_steps) {
  return config.method == QatMethod::kNoise && finished_steps % config.noise_every == 0;
}

}  // namespace golf
