#include "golf/train/averaging/ema.h"

namespace golf {

Ema::Ema(const EmaConfig& config, std::vector<LiveTensor> tensors)
    : config_(config), tensors_(std::move(tensors)) {
  for (const LiveTensor& live : tensors_) {
    averages_.push_back(live.tensor.detach().to(torch::kFloat, /*non_blocking=*/false, /*copy=*/true));
  }
}

void Ema::update(int64_t finished_steps) {
  const at::NoGradGuard no_grad;
  if (finished_steps < config_.start_step) return;
  std::vector<torch::Tensor> values;
  for (const LiveTensor& live : tensors_) values.push_back(live.tensor.to(torch::kFloat));
  if (!config_.from_initial && finished_steps == config_.start_step) {
    for (size_t i = 0; i < values.size(); ++i) averages_[i].copy_(values[i]);
    return;
  }
  at::_foreach_mul_(averages_, config_.decay);
  at::_foreach_add_(averages_, values, 1.0 - config_.decay);
}

void Ema::load() const {
  const at::NoGradGuard no_grad;
  for (size_t i = 0; i < tensors_.size(); ++i) torch::Tensor(tensors_[i].tensor).copy_(averages_[i]);
}

std::vector<LiveTensor> Ema::state() const {
  std::vector<LiveTensor> state;
  for (size_t i = 0; i < tensors_.size(); ++i) state.push_back({"ema." + tensors_[i].name, averages_[i]});
  return state;
}

}  // namespace golf
