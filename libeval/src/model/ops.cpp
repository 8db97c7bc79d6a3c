#include "model/ops.h"

namespace golf {

torch::Tensor rms_norm(const torch::Tensor& x) {
  return at::rms_norm(x.to(torch::kFloat), {x.size(-1)}, /*weight=*/{}, kRmsEpsilon);
}

StreamAndNorm mix_and_norm(const torch::Tensor& x_BTD, const torch::Tensor& x0_BTD,
                           const torch::Tensor& mix_2D) {
  const torch::Tensor stream = mix_2D[0] * x_BTD + mix_2D[1] * x0_BTD;
  return {stream, rms_norm(stream)};
}

StreamAndNorm add_scaled_and_norm(const torch::Tensor& x_BTD, const torch::Tensor& scale_D,
                                  const torch::Tensor& y_BTD) {
  const torch::Tensor stream = add_scaled(x_BTD, scale_D, y_BTD);
  return {stream, rms_norm(stream)};
}

torch::Tensor add_scaled(const torch::Tensor& x_BTD, const torch::Tensor& scale_D,
                         const torch::Tensor& y_BTD) {
  return x_BTD + scale_D * y_BTD;
}

namespace {

torch::Tensor norm_rotate_f32(const torch::Tensor& x_BTHK, const RotaryAngles& angles) {
  const torch::Tensor x = rms_norm(x_BTHK);
  const int64_t pairs = x.size(-1) / 2;
  const torch::Tensor a = x.narrow(-1, 0, pairs), b = x.narrow(-1, pairs, pairs);
  const torch::Tensor cos = angles.cos_TR.unsqueeze(1), sin = angles.sin_TR.unsqueeze(1);
  return at::cat({a * cos + b * sin, b * cos - a * sin}, -1);
}

}  // namespace

torch::Tensor norm_rotate(const torch::Tensor& x_BTHK, const RotaryAngles& angles) {
  return norm_rotate_f32(x_BTHK, angles).to(x_BTHK.scalar_type());
}

torch::Tensor norm_rotate_gain(const torch::Tensor& x_BTHK, const RotaryAngles& angles,
                               const torch::Tensor& gain_H) {
  return (norm_rotate_f32(x_BTHK, angles) * gain_H.unsqueeze(-1)).to(x_BTHK.scalar_type());
}

torch::Tensor relu_squared(const torch::Tensor& x) { return at::square(at::relu(x)); }

torch::Tensor softcap(const torch::Tensor& x, double cap) {
  return cap * at::tanh(x.to(torch::kFloat) / cap);
}

}  // namespace golf
