#include "golf/train/optim/muon.h"

#include <algorithm>
#include <cmath>

#include "golf/train/optim/newton_schulz.h"

namespace golf {
namespace {

torch::ScalarType to_torch(IterationDType dtype) {
  return dtype == IterationDType::kBFloat16 ? torch::kBFloat16 : torch::kFloat;
}

}  // namespace

Muon::Muon(const std::vector<LiveTensor>& parameters, double base_lr, const MuonConfig& config)
    : Optimizer(base_lr), config_(config) {
  for (const LiveTensor& parameter : parameters) {
    auto batch = std::find_if(batches_.begin(), batches_.end(), [&](const Batch& candidate) {
      return candidate.matrices[0].tensor.sizes() == parameter.tensor.sizes();
    });
    if (batch == batches_.end()) batch = batches_.insert(batch, Batch{});
    batch->matrices.push_back(parameter);
  }
  for (Batch& batch : batches_) {
    const torch::Tensor& first = batch.matrices[0].tensor;
    batch.momentum = at::zeros({static_cast<int64_t>(batch.matrices.size()), first.size(0), first.size(1)},
                               first.options().dtype(to_torch(config.momentum_dtype)).requires_grad(false));
  }
}

void Muon::step(const StepRates& rates) {
  const at::NoGradGuard no_grad;
  for (const Batch& batch : batches_) {
    std::vector<torch::Tensor> matrices;
    for (const LiveTensor& matrix : batch.matrices) matrices.push_back(matrix.tensor);
    if (config_.weight_decay > 0) at::_foreach_mul_(matrices, 1.0 - lr(rates) * config_.weight_decay);
    const bool complete = std::all_of(matrices.begin(), matrices.end(),
                                      [](const auto& matrix) { return matrix.grad().defined(); });
    if (complete) {
      update(matrices, batch.momentum, rates);
      continue;
    }
    for (size_t i = 0; i < matrices.size(); ++i) {
      if (matrices[i].grad().defined()) {
        update({matrices[i]}, batch.momentum.narrow(0, static_cast<int64_t>(i), 1), rates);
      }
    }
  }
}

void Muon::update(const std::vector<torch::Tensor>& matrices, torch::Tensor momentum,
                  const StepRates& rates) const {
  std::vector<torch::Tensor> gradients;
  for (const torch::Tensor& matrix : matrices) gradients.push_back(matrix.grad());
  const torch::Tensor gradient = at::stack(gradients).to(momentum.scalar_type());  // [matrices, r, c]
  momentum.mul_(rates.muon_momentum).add_(gradient);
  const torch::Tensor nesterov = gradient.add(momentum, rates.muon_momentum);

  torch::Tensor direction = newton_schulz(nesterov, config_.ns_steps, to_torch(config_.ns_dtype));
  const auto rows = static_cast<double>(gradient.size(1)), columns = static_cast<double>(gradient.size(2));
  direction = (direction * std::sqrt(std::max(1.0, rows / columns))).to(matrices[0].scalar_type());
  at::_foreach_add_(matrices, direction.unbind(), -lr(rates));
}

std::vector<LiveTensor> Muon::state() const {
  std::vector<LiveTensor> state;
  for (const Batch& batch : batches_) {
    for (size_t i = 0; i < batch.matrices.size(); ++i) {
      state.push_back({"muon.momentum." + batch.matrices[i].name, batch.momentum[static_cast<int64_t>(i)]});
    }
  }
  return state;
}

}  // namespace golf
