#include "golf/train/averaging/swa.h"

namespace golf {

Swa::Swa(const SwaConfig& config, std::vector<LiveTensor> tensors)
    : config_(config), tensors_(std::move(tensors)), count_(at::zeros({}, torch::kLong)) {
  for (const LiveTensor& live : tensors_) sums_.push_back(at::zeros_like(live.tensor.detach()));
}

bool Swa::update(int64_t finished_steps, double lr_multiplier) {
  if (!swa_snapshot_due(config_, finished_steps, lr_multiplier)) return false;
  const at::NoGradGuard no_grad;
  std::vector<torch::Tensor> values;
  for (const LiveTensor& live : tensors_) values.push_back(live.tensor);
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

std::vector<LiveTensor> Swa::state() const {
  std::vector<LiveTensor> state = {{"swa.snapshots", count_}};
  for (size_t i = 0; i < tensors_.size(); ++i) state.push_back({"swa.sum." + tensors_[i].name, sums_[i]});
  return state;
}

}  // namespace golf
