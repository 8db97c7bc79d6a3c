#include "golf/train/averaging/averages.h"

namespace golf {
Ema::Ema(const EmaConfig& config, std::vector<NamedParameter> tensors)
    : config_(config), tensors_(std::move(tensors)) {
  for (const NamedParameter& live : tensors_) {
    averages_.push_back(live.tensor.detach().to(torch::kFloat, /*non_blocking=*/false, /*copy=*/true));
  }
}

void Ema::update(int64_t finished_steps) {
  const at::NoGradGuard no_grad;
  if (finished_steps < config_.start_step) return;
  std::vector<torch::Tensor> values;
  for (const NamedParameter& live : tensors_) values.push_back(live.tensor.to(torch::kFloat));
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

std::vector<NamedParameter> Ema::state() const {
  std::vector<NamedParameter> state;
  for (size_t i = 0; i < tensors_.size(); ++i) state.push_back({"ema." + tensors_[i].name, averages_[i]});
  return state;
}

Swa::Swa(const SwaConfig& config, std::vector<NamedParameter> tensors)
    : config_(config), tensors_(std::move(tensors)), count_(at::zeros({}, torch::kLong)) {
  for (const NamedParameter& live : tensors_) sums_.push_back(at::zeros_like(live.tensor.detach()));
}

bool Swa::update(int64_t finished_steps, double lr_multiplier) {
  if (!swa_snapshot_due(config_, finished_steps, lr_multiplier)) return false;
  const at::NoGradGuard no_grad;
  std::vector<torch::Tensor> values;
  for (const NamedParameter& live : tensors_) values.push_back(live.tensor);
  at::_foreach_add_(sums_, values);
  count_.add_(1);
  return true;
}

int64_t Swa::snapshots() const { return count_.item<int64_t>(); }

void Swa::load() const {
  const at::NoGradGuard no_grad;
  const auto count = static_cast<double>(snapshots());
  for (size_t i = 0; i < tensors_.size(); ++i) torch::Tensor(tensors_[i].tensor).copy_(sums_[i] / count);
}

std::vector<NamedParameter> Swa::state() const {
  std::vector<NamedParameter> state = {{"swa.snapshots", count_}};
  for (size_t i = 0; i < tensors_.size(); ++i) state.push_back({"swa.sum." + tensors_[i].name, sums_[i]});
  return state;
}

}  // namespace golf
