#include "model/ops.h"

#include "model/ops/paths.h"

namespace golf {
namespace {

/// The kernels compute float32 on the CPU. Elsewhere the same formulas run as torch operations.
bool runs_fused(const torch::Tensor& x) {
  return fused::has_kernels() && x.device().is_cpu() && x.scalar_type() == torch::kFloat && x.numel() > 0;
}

StreamAndNorm sum_and_norm(const torch::Tensor& coefficients, const torch::Tensor& x,
                           const torch::Tensor& y) {
  if (runs_fused(x)) {
    return fused::weighted_sum_and_norm(coefficients, x, y.to(torch::kFloat));
  }
  const torch::Tensor stream = plain::weighted_sum(coefficients, x, y);
  return {stream, plain::rms_norm(stream)};
}

}  // namespace

torch::Tensor rms_norm(const torch::Tensor& x) {
  const torch::Tensor x32 = x.to(torch::kFloat);
  return runs_fused(x32) ? fused::rms_norm(x32) : plain::rms_norm(x32);
}

StreamAndNorm mix_and_norm(const torch::Tensor& x_BTD, const torch::Tensor& x0_BTD,
                           const torch::Tensor& mix_2D) {
  return sum_and_norm(mix_2D, x_BTD, x0_BTD);
}

StreamAndNorm add_scaled_and_norm(const torch::Tensor& x_BTD, const torch::Tensor& scale_D,
                                  const torch::Tensor& y_BTD) {
  return sum_and_norm(scale_D, x_BTD, y_BTD);
}

torch::Tensor add_scaled(const torch::Tensor& x_BTD, const torch::Tensor& scale_D,
                         const torch::Tensor& y_BTD) {
  if (runs_fused(x_BTD)) return fused::weighted_sum(scale_D, x_BTD, y_BTD.to(torch::kFloat));
  return plain::weighted_sum(scale_D, x_BTD, y_BTD);
}

torch::Tensor qk_norm_rotary(const torch::Tensor& x_BTHK, const RotaryAngles& angles,
                             const std::optional<torch::Tensor>& gain_H) {
  const torch::Tensor x32 = x_BTHK.to(torch::kFloat);
  const bool whole_head = 2 * angles.cos_TR.size(1) == x_BTHK.size(-1);
  const torch::Tensor y32 = whole_head && runs_fused(x32) ? fused::qk_norm_rotary(x32, angles, gain_H)
                                                          : plain::qk_norm_rotary(x32, angles, gain_H);
  return y32.to(x_BTHK.scalar_type());
}

torch::Tensor causal_attention(const torch::Tensor& q_BTHK, const torch::Tensor& k_BTGK,
                               const torch::Tensor& v_BTGK) {
  // Processors compute bf16 in float32 too. LibTorch's attention goes through MKL's bf16 product, which
  // converts block by block and multiplies in float32 where MKL has no kernel for the processor
  // (benchmarks/results/2026-11-22-train-step.md).
  if (q_BTHK.device().is_cpu() && q_BTHK.numel() > 0 && fused::has_causal_attention()) {
    const torch::Tensor y_BTHK =
        fused::causal_attention(q_BTHK.to(torch::kFloat), k_BTGK.to(torch::kFloat), v_BTGK.to(torch::kFloat));
    return y_BTHK.to(q_BTHK.scalar_type());
  }
  return plain::causal_attention(q_BTHK, k_BTGK, v_BTGK);
}

torch::Tensor apply_linear(const torch::Tensor& x, const torch::Tensor& weight) {
  if (runs_fused(x) && weight.scalar_type() == torch::kFloat && fused::has_linear()) {
    return fused::linear(x, weight);
  }
  return at::linear(x, weight);
}

torch::Tensor relu_squared(const torch::Tensor& x) {
  return runs_fused(x) ? fused::relu_squared(x) : plain::relu_squared(x);
}

torch::Tensor leaky_relu_squared(const torch::Tensor& x) { return at::square(at::leaky_relu(x, 0.5)); }

torch::Tensor softcap(const torch::Tensor& x, double cap) {
  return cap * at::tanh(x.to(torch::kFloat) / cap);
}

}  // namespace golf
