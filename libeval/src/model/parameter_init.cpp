#include "golf/model/parameter_init.h"

#include <ATen/CPUGeneratorImpl.h>
#include <torch/types.h>

#include <cmath>

namespace golf {
namespace {

/// Half the width of the uniform distribution that torch gives a linear layer: kaiming_uniform with a = √5,
/// computed in the same order so that the double is the same.
double linear_bound(int64_t fan_in) {
  const double gain = std::sqrt(2.0 / (1 + std::pow(std::sqrt(5.0), 2)));
  return std::sqrt(3.0) * (gain / std::sqrt(static_cast<double>(fan_in)));
}

/// The draws of one construction.
class Draws {
 public:
  explicit Draws(uint64_t seed) : generator_(at::detail::createCPUGenerator(seed)) {}

  torch::Tensor normal(at::IntArrayRef shape, double std) {
    return at::empty(shape, torch::kFloat).normal_(0.0, std, generator_);
  }
  torch::Tensor linear(at::IntArrayRef shape) {
    const double bound = linear_bound(shape[1]);
    return at::empty(shape, torch::kFloat).uniform_(-bound, bound, generator_);
  }
  /// Orthonormal rows or columns, whichever are fewer: Q of a normal matrix, signed so that R's diagonal is
  /// positive.
  torch::Tensor orthogonal(at::IntArrayRef shape) {
    torch::Tensor drawn = normal(shape, 1.0);
    const bool wide = drawn.size(0) < drawn.size(1);
    if (wide) drawn.t_();
    const auto [q, r] = at::linalg_qr(drawn);
    const torch::Tensor signed_q = q * at::sign(r.diagonal());
    return wide ? signed_q.t() : signed_q;
  }

 private:
  at::Generator generator_;
};

}  // namespace

void init_parameters(Decoder& model, const InitConfig& init, uint64_t seed) {
  const at::NoGradGuard no_grad;
  Draws draws(seed);
  const auto parameters = model->named_parameters();
  for (const InitStep& step : init_plan(model->config(), init)) {
    torch::Tensor drawn;
    if (step.kind == InitStep::Kind::kNormal) drawn = draws.normal(step.shape, step.value);
    if (step.kind == InitStep::Kind::kUniform) drawn = draws.linear(step.shape);
    if (step.kind == InitStep::Kind::kOrthogonal) drawn = draws.orthogonal(step.shape) * step.value;
    if (step.parameter.empty()) continue;
    torch::Tensor target = parameters[step.parameter];
    if (drawn.defined()) {
      target.copy_(drawn);
    } else {
      target.fill_(step.kind == InitStep::Kind::kFill ? step.value : 0.0);
      if (step.kind == InitStep::Kind::kFirstRowOne) target[0].fill_(1.0);
    }
  }
}

}  // namespace golf
