#include "model/rotary.h"

#include <c10/core/InferenceMode.h>

#include <cmath>

namespace golf {

double rotary_base(double base, int64_t dims, std::optional<int64_t> ntk_reference_length, int64_t length) {
  if (!ntk_reference_length || length <= *ntk_reference_length) return base;
  const double stretch = static_cast<double>(length) / static_cast<double>(*ntk_reference_length);
  return base * std::pow(stretch, static_cast<double>(dims) / static_cast<double>(dims - 2));
}

RotaryAngles RotaryTable::angles(int64_t length, torch::Device device, int64_t reach) {
  const std::lock_guard lock(mutex_);
  RotaryAngles& angles = angles_[{length, reach, device.str()}];
  if (!angles.cos_TR.defined()) {
    // A table made under inference mode could not serve a later training step of the same length.
    const c10::InferenceMode off(false);
    const at::NoGradGuard no_grad;
    const auto f32 = torch::TensorOptions().dtype(torch::kFloat);
    const torch::Tensor exponents_R =
        at::arange(0, settings_.dims, 2, f32) / static_cast<double>(settings_.dims);
    const double base = rotary_base(settings_.base, settings_.dims, settings_.ntk_reference_length,
                                    reach > 0 ? reach : length);
    const torch::Tensor frequencies_R = 1.0 / at::pow(base, exponents_R);
    const torch::Tensor angles_TR = at::outer(at::arange(length, f32), frequencies_R);
    angles = {.cos_TR = angles_TR.cos().to(device), .sin_TR = angles_TR.sin().to(device)};
  }
  return angles;
}

}  // namespace golf
