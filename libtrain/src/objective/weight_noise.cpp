#include "golf/train/objective/weight_noise.h"

#include <ATen/CPUGeneratorImpl.h>

namespace golf {

void add_rounding_noise(torch::Tensor weight, int64_t bits, double width, uint64_t seed) {
  const at::NoGradGuard no_grad;
  at::Generator generator = at::detail::createCPUGenerator(seed);
  const torch::Tensor noise =
      at::empty(weight.sizes(), torch::kFloat).uniform_(-width / 2, width / 2, generator);
  const auto most = static_cast<double>((1 << (bits - 1)) - 1);
  weight.add_(noise.to(weight.device()) * (weight.abs().amax({1}, /*keepdim=*/true) / most));
}

}  // namespace golf
