#include "model/ops.h"

#include <vector>

#include "golf/model/cpu_path.h"
#include "model/ops/cuda_path.h"
#include "model/ops/flash_attention.h"
#include "model/ops/paths.h"

namespace golf {
namespace {

/// The CPU's kernels compute float32. Where neither they nor the GPU's run (cuda::takes_*), the same formulas
/// run as torch operations.
bool runs_fused(const torch::Tensor& x) {
  return fused::has_kernels() && x.device().is_cpu() && x.scalar_type() == torch::kFloat && x.numel() > 0;
}

bool sums_on_gpu(const torch::Tensor& x) { return x.scalar_type() == torch::kFloat && cuda::takes_rows(x); }

StreamAndNorm sum_and_norm(const torch::Tensor& coefficients, const torch::Tensor& x, const torch::Tensor& y,
                           double norm_scale, torch::ScalarType gpu_dtype) {
  if (runs_fused(x)) {
    return fused::weighted_sum_and_norm(coefficients, x, y.to(torch::kFloat), norm_scale);
  }
  if (sums_on_gpu(x)) return cuda::weighted_sum_and_norm(coefficients, x, y, norm_scale, gpu_dtype);
  const torch::Tensor stream = plain::weighted_sum(coefficients, x, y);
  return {stream, plain::rms_norm(stream, norm_scale)};
}

torch::Tensor weighted_sum(const torch::Tensor& coefficients, const torch::Tensor& x,
                           const torch::Tensor& y) {
  if (runs_fused(x)) return fused::weighted_sum(coefficients, x, y.to(torch::kFloat));
  if (sums_on_gpu(x)) return cuda::weighted_sum(coefficients, x, y);
  return plain::weighted_sum(coefficients, x, y);
}

}  // namespace

torch::Tensor rms_norm(const torch::Tensor& x, double scale, torch::ScalarType gpu_dtype) {
  const torch::Tensor x32 = x.to(torch::kFloat);
  if (sums_on_gpu(x32)) return cuda::rms_norm(x32, scale, gpu_dtype);
  return runs_fused(x32) ? fused::rms_norm(x32, scale) : plain::rms_norm(x32, scale);
}

StreamAndNorm mix_and_norm(const torch::Tensor& x_BTD, const torch::Tensor& x0_BTD,
                           const torch::Tensor& mix_2D, double norm_scale, torch::ScalarType gpu_dtype) {
  return sum_and_norm(mix_2D, x_BTD, x0_BTD, norm_scale, gpu_dtype);
}

StreamAndNorm add_scaled_and_norm(const torch::Tensor& x_BTD, const torch::Tensor& scale_D,
                                  const torch::Tensor& y_BTD, double norm_scale,
                                  torch::ScalarType gpu_dtype) {
  return sum_and_norm(scale_D, x_BTD, y_BTD, norm_scale, gpu_dtype);
}

torch::Tensor mix(const torch::Tensor& x_BTD, const torch::Tensor& y_BTD, const torch::Tensor& mix_2D) {
  return weighted_sum(mix_2D, x_BTD, y_BTD);
}

torch::Tensor add_scaled(const torch::Tensor& x_BTD, const torch::Tensor& scale_D,
                         const torch::Tensor& y_BTD) {
  return weighted_sum(scale_D, x_BTD, y_BTD);
}

LanePair write_lanes(const LaneParts& parts) {
  const bool alike = parts.attention_BTD.scalar_type() == parts.mlp_BTD.scalar_type();
  if (alike && sums_on_gpu(parts.lane0_BTD)) return cuda::write_lanes(parts);
  const torch::Tensor attention_BTD = parts.attention_scale_D * parts.attention_BTD,
                      mlp_BTD = parts.mlp_scale_D * parts.mlp_BTD;
  const auto lane = [&](int64_t to, const torch::Tensor& x_BTD) {
    return parts.resid_2[to] * x_BTD + parts.post_22[0][to] * attention_BTD + parts.post_22[1][to] * mlp_BTD;
  };
  return {lane(0, parts.lane0_BTD), lane(1, parts.lane1_BTD)};
}

torch::Tensor qk_norm_rotary(const torch::Tensor& x_BTHK, const RotaryAngles& angles,
                             const std::optional<torch::Tensor>& gain_H) {
  if (cuda::takes_heads(x_BTHK)) return cuda::qk_norm_rotary(x_BTHK, angles, gain_H);
  const torch::Tensor x32 = x_BTHK.to(torch::kFloat);
  const torch::Tensor y32 = runs_fused(x32) ? fused::qk_norm_rotary(x32, angles, gain_H)
                                            : plain::qk_norm_rotary(x32, angles, gain_H);
  return y32.to(x_BTHK.scalar_type());
}

torch::Tensor exclusive_attention(const torch::Tensor& y_BTHK, const torch::Tensor& v_BTGK) {
  return runs_fused(y_BTHK) ? fused::exclusive_attention(y_BTHK, v_BTGK)
                            : plain::exclusive_attention(y_BTHK, v_BTGK);
}

torch::Tensor scale_heads(const torch::Tensor& y_BTHK, const torch::Tensor& gate_BTH) {
  if (runs_fused(y_BTHK)) return fused::scale_heads(y_BTHK, gate_BTH.to(torch::kFloat));
  return y_BTHK * gate_BTH.to(y_BTHK.scalar_type()).unsqueeze(-1);
}

torch::Tensor finish_heads(const torch::Tensor& y_BTHK, const std::optional<torch::Tensor>& v_BTGK,
                           const std::optional<torch::Tensor>& gate_BTH) {
  if ((v_BTGK || gate_BTH) && cuda::takes_heads(y_BTHK)) return cuda::finish_heads(y_BTHK, v_BTGK, gate_BTH);
  const torch::Tensor z_BTHK = v_BTGK ? exclusive_attention(y_BTHK, *v_BTGK) : y_BTHK;
  return gate_BTH ? scale_heads(z_BTHK, *gate_BTH) : z_BTHK;
}

torch::Tensor causal_attention(const torch::Tensor& q_BTHK, const torch::Tensor& k_BTGK,
                               const torch::Tensor& v_BTGK, int64_t window) {
  const bool part = q_BTHK.size(1) != k_BTGK.size(1) || (window > 0 && window < k_BTGK.size(1));
  // Processors compute bf16 in float32 too. LibTorch's attention goes through MKL's bf16 product, which
  // converts block by block and multiplies in float32 where MKL has no kernel for the processor
  // (benchmarks/results/2026-11-22-train-step.md).
  if (q_BTHK.device().is_cpu() && q_BTHK.numel() > 0 && fused::has_kernels()) {
    const torch::Tensor q = q_BTHK.to(torch::kFloat), k = k_BTGK.to(torch::kFloat),
                        v = v_BTGK.to(torch::kFloat);
    return (part ? fused::part_of_attention(q, k, v, window) : fused::causal_attention(q, k, v))
        .to(q_BTHK.scalar_type());
  }
  if (part) return plain::part_of_attention(q_BTHK, k_BTGK, v_BTGK, window);
  if (flash::takes_v3(q_BTHK)) return flash::attention_v3(q_BTHK, k_BTGK, v_BTGK, {});
  return plain::causal_attention(q_BTHK, k_BTGK, v_BTGK);
}

torch::Tensor causal_attention(const torch::Tensor& q_BTHK, const torch::Tensor& k_BTGK,
                               const torch::Tensor& v_BTGK, const Documents& documents) {
  if (documents.are_rows()) return causal_attention(q_BTHK, k_BTGK, v_BTGK);
  if (flash::takes_v3(q_BTHK)) return flash::attention_v3(q_BTHK, k_BTGK, v_BTGK, documents);
  if (flash::takes(q_BTHK)) return flash::attention(q_BTHK, k_BTGK, v_BTGK, documents);
  const auto flat = [](const torch::Tensor& x) { return x.flatten(0, 1).unsqueeze(0); };
  const torch::Tensor q = flat(q_BTHK), k = flat(k_BTGK), v = flat(v_BTGK);
  std::vector<torch::Tensor> attended;
  for (size_t i = 0; i + 1 < documents.bounds.size(); ++i) {
    const int64_t first = documents.bounds[i], length = documents.bounds[i + 1] - first;
    const auto part = [&](const torch::Tensor& x) { return x.narrow(1, first, length); };
    attended.push_back(causal_attention(part(q), part(k), part(v)));
  }
  return at::cat(attended, 1).view(q_BTHK.sizes());
}

torch::Tensor apply_linear(const torch::Tensor& x, const torch::Tensor& weight) {
  const bool onednn_pays =
      x.scalar_type() == torch::kFloat || (x.scalar_type() == torch::kBFloat16 && !has_bf16_products());
  if (x.device().is_cpu() && x.numel() > 0 && x.scalar_type() == weight.scalar_type() && onednn_pays &&
      fused::has_linear()) {
    return fused::linear(x, weight);
  }
  return at::linear(x, weight);
}

torch::Tensor leaky_relu_squared(const torch::Tensor& x, double slope) {
  if (cuda::takes_elements(x)) return cuda::leaky_relu_squared(x, slope);
  return runs_fused(x) ? fused::leaky_relu_squared(x, slope) : plain::leaky_relu_squared(x, slope);
}

torch::Tensor softcap(const torch::Tensor& x, double cap) {
  return cap * at::tanh(x.to(torch::kFloat) / cap);
}

}  // namespace golf
