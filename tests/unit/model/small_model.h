#pragma once

#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <gtest/gtest.h>
#include <torch/types.h>

#include <algorithm>

#include "golf/model/decoder.h"

namespace golf::test {

/// Odd layer count, grouped heads, nothing a power of two but the heads: a shape where mix-ups show.
inline ModelConfig small_config() {
  ModelConfig config;
  config.vocab_size = 50;
  config.num_layers = 5;
  config.model_dim = 24;
  config.num_heads = 4;
  config.num_kv_heads = 2;
  config.mlp_hidden = 40;
  return config;
}

/// A model whose every parameter is random and away from its special initial value (0 or 1).
inline Decoder random_model(const ModelConfig& config, int64_t seed = 7) {
  torch::manual_seed(static_cast<uint64_t>(seed));
  Decoder model(config);
  const at::NoGradGuard no_grad;
  for (torch::Tensor parameter : model->parameters()) {
    parameter.copy_(at::randn_like(parameter) * (parameter.dim() == 2 ? 0.2 : 0.5) + 0.3);
  }
  return model;
}

inline torch::Tensor random_ids(int64_t rows, int64_t length, const ModelConfig& config) {
  return at::randint(config.vocab_size, {rows, length}, torch::kLong);
}

inline double max_difference(const torch::Tensor& a, const torch::Tensor& b) {
  return (a.to(torch::kDouble) - b.to(torch::kDouble)).abs().max().item<double>();
}

/// How far a gradient's norm may be from a recorded one. Float32 computes each term of the sum that a
/// gradient is with a rounding error, which stays when the terms cancel. So the error is a share of the whole
/// gradient, not of the sum: at most a unit roundoff of float32 (2^-24, 6e-8) on every processor, and up to
/// 0.49 of it seen, for LibTorch's own attention on AVX2 (q_gain of block 2, a 2,000th of the whole;
/// PyTorch's own record of it is 2e-5 off its float64 value).
inline double norm_tolerance(double recorded, double whole_gradient) {
  constexpr double kRelative = 1e-5, kUnitRoundoff = 0x1p-24;
  return std::max(kRelative * recorded, kUnitRoundoff * whole_gradient);
}

/// Whether LibTorch draws random numbers to the last bit as the recorded programs did. Its vector code for
/// processors does from AVX2 on; its code for older ones rounds differently.
inline bool draws_to_the_bit() { return at::get_cpu_capability() != "DEFAULT"; }

/// One thread, as the reference data was made with; the old count returns at the end of the scope.
class OneThread {
 public:
  OneThread() : threads_(at::get_num_threads()) { at::set_num_threads(1); }
  ~OneThread() { at::set_num_threads(threads_); }
  OneThread(const OneThread&) = delete;
  OneThread& operator=(const OneThread&) = delete;

 private:
  int threads_;
};

}  // namespace golf::test
