#include "golf/train/optim/adam.h"

#include "golf/train/parallel/gradient_reducer.h"

namespace golf {

Adam::Adam(std::vector<NamedParameter> parameters, double base_lr, const AdamConfig& config)
    : Optimizer(base_lr), config_(config), parameters_(std::move(parameters)) {
  for (const NamedParameter& parameter : parameters_) {
    const torch::Tensor value = parameter.tensor.detach();
    first_moments_.push_back(at::zeros_like(value));
    second_moments_.push_back(at::zeros_like(value));
    step_counts_.push_back(at::zeros({}, value.options().dtype(torch::kFloat)));
  }
}

std::vector<std::shared_ptr<GradientBucket>> Adam::shard(const Communicator& ranks) {
  return {std::make_shared<GradientBucket>(parameters_, /*scattered=*/false, ranks.ranks())};
}

void Adam::step(const StepRates& rates) {
  const at::NoGradGuard no_grad;
  std::vector<torch::Tensor> values, gradients, firsts, seconds, counts;
  for (size_t i = 0; i < parameters_.size(); ++i) {
    const torch::Tensor& gradient = parameters_[i].tensor.grad();
    if (!gradient.defined()) continue;
    values.push_back(parameters_[i].tensor);
    gradients.push_back(gradient);
    firsts.push_back(first_moments_[i]);
    seconds.push_back(second_moments_[i]);
    counts.push_back(step_counts_[i]);
  }
  if (values.empty()) return;
  at::_foreach_add_(counts, 1);
  at::_fused_adamw_(values, gradients, firsts, seconds, /*max_exp_avg_sqs=*/{}, counts, lr(rates),
                    config_.beta1, config_.beta2, config_.weight_decay, config_.eps, /*amsgrad=*/false,
                    /*maximize=*/false);
}

std::vector<NamedParameter> Adam::state() const {
  std::vector<NamedParameter> state;
  for (size_t i = 0; i < parameters_.size(); ++i) {
    const std::string& name = parameters_[i].name;
    state.push_back({"adam.first_moment." + name, first_moments_[i]});
    state.push_back({"adam.second_moment." + name, second_moments_[i]});
    state.push_back({"adam.step_count." + name, step_counts_[i]});
  }
  return state;
}

}  // namespace golf
