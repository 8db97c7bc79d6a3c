#include "adapt/learning_weights.h"

#include <fmt/format.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>
#include <cmath>

#include "golf/artifact/base/error.h"
#include "golf/artifact/base/name_pattern.h"
#include "golf/model/torch_tensors.h"

namespace golf {

LearningWeights::LearningWeights(Decoder& model, const std::string& weights, const std::string& frozen) {
  const NamePattern learns(weights), stays(frozen);
  for (const auto& item : model->named_parameters()) {
    all_.push_back(item.value());
    if (!learns.found_in(item.key()) || (!frozen.empty() && stays.found_in(item.key()))) continue;
    names_.push_back(item.key());
    tensors_.push_back(item.value());
  }
  if (tensors_.empty()) {
    fail(
        ErrorCode::kInvalidArgument,
        fmt::format("adapt: no tensor of the model learns: \"{}\" without \"{}\" leaves none of its {} names "
                    "(golf-inspect MODEL lists them)",
                    weights, frozen, all_.size()));
  }
}

LearningWeights::Learning::Learning(LearningWeights& weights) : weights_(weights) {
  for (at::Tensor& tensor : weights_.all_) {
    wanted_.push_back(tensor.requires_grad());
    tensor.set_requires_grad(false);
  }
  for (at::Tensor& tensor : weights_.tensors_) tensor.set_requires_grad(true);
}

LearningWeights::Learning::~Learning() {
  for (size_t i = 0; i < wanted_.size(); ++i) weights_.all_[i].set_requires_grad(wanted_[i]);
}

std::vector<at::Tensor> LearningWeights::gradients(const at::Tensor& loss) const {
  return torch::autograd::grad({loss}, tensors_, /*grad_outputs=*/{}, /*retain_graph=*/false,
                               /*create_graph=*/false, /*allow_unused=*/true);
}

void LearningWeights::begin_sum() {
  if (flat_sum_.defined()) {
    flat_sum_.zero_();
    return;
  }
  int64_t elements = 1;  // the loss, last
  for (const at::Tensor& tensor : tensors_) elements += tensor.numel();
  flat_sum_ = at::zeros({elements}, at::TensorOptions(at::kDouble).device(device()));
  int64_t offset = 0;
  for (const at::Tensor& tensor : tensors_) {
    sums_.push_back(flat_sum_.narrow(0, offset, tensor.numel()).view(tensor.sizes()));
    offset += tensor.numel();
  }
}

void LearningWeights::add(const std::vector<at::Tensor>& gradients, double weight) {
  const at::NoGradGuard no_grad;
  for (size_t i = 0; i < sums_.size(); ++i) {
    if (gradients[i].defined()) sums_[i].add_(gradients[i], weight);
  }
}

double LearningWeights::finish_sum(double loss, const EvalProcesses& processes) {
  if (processes.alone()) return loss;
  flat_sum_[-1].fill_(loss);
  at::Tensor on_cpu = flat_sum_.cpu();
  processes.sum(on_cpu);
  if (!device().is_cpu()) flat_sum_.copy_(on_cpu);
  return on_cpu[-1].item<double>();
}

double LearningWeights::gradient_norm() const {
  double squares = 0;
  for (const at::Tensor& sum : sums_) squares += sum.square().sum().item<double>();
  return std::sqrt(squares);
}

void LearningWeights::descend(const Step& step) {
  const at::NoGradGuard no_grad;
  const double factor = step.clip_norm > 0 ? std::min(1.0, step.clip_norm / (step.norm + 1e-6)) : 1.0;
  const bool first = velocities_.empty();
  for (size_t i = 0; i < tensors_.size(); ++i) {
    const at::Tensor gradient = (sums_[i] * factor).to(at::kFloat);
    if (first) {
      velocities_.push_back(gradient);
    } else {
      velocities_[i].mul_(step.momentum).add_(gradient);
    }
    tensors_[i].add_(velocities_[i], -step.lr);
  }
}

void LearningWeights::forget_momentum() { velocities_.clear(); }

TensorSet LearningWeights::state() const {
  TensorSet state;
  for (size_t i = 0; i < names_.size(); ++i) state.add("weights." + names_[i], from_torch(tensors_[i]));
  for (size_t i = 0; i < velocities_.size(); ++i)
    state.add("momentum." + names_[i], from_torch(velocities_[i]));
  return state;
}

void LearningWeights::restore(const TensorSet& state) {
  const at::NoGradGuard no_grad;
  const auto read = [&](const std::string& name, const at::Tensor& like) {
    const at::Tensor values = to_torch(state.at(name));
    if (values.sizes() != like.sizes() || values.scalar_type() != at::kFloat) {
      fail(ErrorCode::kMismatch, fmt::format("{} is {}: expected float32 of the model's shape", name,
                                             to_string(state.at(name).shape)));
    }
    return values.to(like.device());
  };
  velocities_.clear();
  for (size_t i = 0; i < names_.size(); ++i) {
    tensors_[i].copy_(read("weights." + names_[i], tensors_[i]));
    const std::string momentum = "momentum." + names_[i];
    if (state.contains(momentum)) velocities_.push_back(read(momentum, tensors_[i]));
  }
  if (!velocities_.empty() && velocities_.size() != names_.size()) {
    fail(ErrorCode::kMismatch, "has the momentum of some weights only");
  }
}

}  // namespace golf
