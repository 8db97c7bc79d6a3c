#include "golf/train/objective/qat.h"

#include <algorithm>

#include "golf/train/objective/qat_schedule.h"
#include "golf/train/objective/weight_noise.h"

namespace golf {

Qat::Qat(const QatConfig& config, const std::vector<LiveTensor>& parameters, const Decoder& model,
         uint64_t seed)
    : config_(config), seed_(seed), rounding_(config, qat_matrices(config, parameters), model) {
  for (const LiveTensor& parameter : parameters) {
    if (rounding_.applies_to(parameter.name)) matrices_.push_back(parameter);
  }
}

bool Qat::begin_step(double lr_multiplier, double progress) {
  if (started_ || !qat_due(config_, lr_multiplier, progress)) return false;
  set_started(true);
  return true;
}

void Qat::set_started(bool started) {
  started_ = started;
  started&& config_.method == QatMethod::kFakeQuant ? rounding_.start() : rounding_.stop();
}

void Qat::end_step(int64_t finished_steps) {
  rounding_.forget_roundings();
  if (!started_ || !noise_due(config_, finished_steps)) return;
  for (size_t i = 0; i < matrices_.size(); ++i) {
    // A stream of its own for every step and matrix, so that a resumed run draws the same.
    const uint64_t stream = (seed_ * 1'000'003 + static_cast<uint64_t>(finished_steps)) * 8191 + i;
    add_rounding_noise(matrices_[i].tensor, config_.bits, config_.noise_scale, stream);
  }
}

}  // namespace golf
