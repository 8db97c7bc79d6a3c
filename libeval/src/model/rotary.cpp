#include "model/rotary.h"

#include <c10/core/InferenceMode.h>

#include <cmath>

namespace golf {

double rotary_base(const ModelConfig& config, int64_t length) {
  const auto reference = config.rotary ? config.rotary->ntk_reference_length : std::nullopt;
  if (!reference || length <= *reference) return config.rope_base;
  const double dims = static_cast<double>(config.rotary_dims());
  const double stretch = static_cast<double>(length) / static_cast<double>(*reference);
  return config.rope_base * std::pow(stretch, dims / (dims - 2));
}

RotaryAngles RotaryTable::angles(int64_t length, torch::Device device) {
  const std::lock_guard lock(mutex_);
  if (!angles_.cos_TR.defined() || angles_.cos_TR.size(0) != length || angles_.cos_TR.device() != device) {
    // A table made under inference mode could not serve a later training step of the same length.
    const c10::InferenceMode off(false);
    const at::NoGradGuard no_grad;
    const int64_t dims = config_.rotary_dims();
    const auto f32 = torch::TensorOptions().dtype(torch::kFloat);
    const torch::Tensor exponents_R = at::arange(0, dims, 2, f32) / static_cast<double>(dims);
    const torch::Tensor frequencies_R = 1.0 / at::pow(rotary_base(config_, length), exponents_R);
    const torch::Tensor angles_TR = at::outer(at::arange(length, f32), frequencies_R);
    angles_ = {.cos_TR = angles_TR.cos().to(device), .sin_TR = angles_TR.sin().to(device)};
  }
  return angles_;
}

}  // namespace golf
