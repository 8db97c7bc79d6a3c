#include "tune/tunable_floats.h"

#include <torch/csrc/autograd/autograd.h>

#include <cmath>

#include "golf/artifact/base/error.h"
#include "golf/artifact/quantize/stored_floats.h"

namespace golf {
namespace {

/// A passthrough tensor with more floats is an embedding or a matrix that was left unquantized: to train it
/// further takes more text than tuning sees.
constexpr int64_t kLargestPassthrough = 65'536;
constexpr double kBeta1 = 0.9, kBeta2 = 0.95, kEpsilon = 1e-12;

bool is_tunable(const StoredTensor& stored) {
  return stored.encoding != Encoding::kPassthrough || stored.values.elements() <= kLargestPassthrough;
}

/// r of each float, see TunableFloats.
at::Tensor sizes_of(const StoredTensor& stored, const at::Tensor& floats) {
  if (stored.encoding != Encoding::kPassthrough) return floats.abs();
  return floats.square().mean().sqrt().expand_as(floats);
}

}  // namespace

TunableFloats::TunableFloats(Decoder& model, const StoredModel& stored) {
  const at::NoGradGuard no_grad;
  auto parameters = model->named_parameters();
  for (at::Tensor& parameter : model->parameters()) parameter.set_requires_grad(false);
  std::vector<at::Tensor> starts, sizes;
  int64_t count = 0;
  for (size_t i = 0; i < stored.tensors.size(); ++i) {
    const StoredTensor& tensor = stored.tensors[i];
    at::Tensor* parameter = parameters.find(tensor.name);
    // Some artifacts hold tensors that only training reads.
    if (parameter == nullptr || !is_tunable(tensor)) continue;
    const std::vector<float> floats = stored_floats(tensor);
    if (floats.empty()) continue;
    Part part{i, *parameter, {}, count, static_cast<int64_t>(floats.size())};
    const at::Tensor start = at::tensor(floats, at::kDouble).to(parameter->device());
    if (tensor.encoding != Encoding::kPassthrough) {
      const at::Tensor rows = parameter->detach().reshape({part.count, -1});
      const at::Tensor scales = start.to(at::kFloat).unsqueeze(1);
      part.units = at::where(scales == 0, at::zeros_like(rows), rows / scales);
    }
    starts.push_back(start);
    sizes.push_back(sizes_of(tensor, start));
    count += part.count;
    parameters_.push_back(parameter->set_requires_grad(true));
    parts_.push_back(std::move(part));
  }
  if (parts_.empty()) {
    fail(ErrorCode::kInvalidArgument, "stores nothing that can be tuned: no scales, steps or small floats");
  }
  start_ = at::cat(starts);
  sizes_ = at::cat(sizes);
  theta_ = at::zeros_like(start_);
  mean_ = at::zeros_like(start_);
  square_ = at::zeros_like(start_);
}

at::Tensor TunableFloats::gradient(const at::Tensor& loss) const {
  const std::vector<at::Tensor> weights =
      torch::autograd::grad({loss}, parameters_, /*grad_outputs=*/{}, /*retain_graph=*/false,
                            /*create_graph=*/false, /*allow_unused=*/true);
  const at::NoGradGuard no_grad;
  at::Tensor gradient = at::zeros_like(theta_);
  for (size_t i = 0; i < parts_.size(); ++i) {
    const Part& part = parts_[i];
    if (!weights[i].defined()) continue;
    const at::Tensor own = part.units.defined()
                               ? (weights[i].view_as(part.units) * part.units).sum(1, false, at::kDouble)
                               : weights[i].reshape({-1}).to(at::kDouble);
    gradient.narrow(0, part.first, part.count).copy_(own);
  }
  return gradient.mul_(sizes_);
}

void TunableFloats::descend(const at::Tensor& gradient, double lr) {
  const at::NoGradGuard no_grad;
  ++steps_;
  mean_.mul_(kBeta1).add_(gradient, 1 - kBeta1);
  square_.mul_(kBeta2).addcmul_(gradient, gradient, 1 - kBeta2);
  const auto steps = static_cast<double>(steps_);
  const at::Tensor root = (square_ / (1 - std::pow(kBeta2, steps))).sqrt_().add_(kEpsilon);
  theta_.addcdiv_(mean_, root, -lr / (1 - std::pow(kBeta1, steps)));
  const at::Tensor floats = values().to(at::kFloat);
  for (Part& part : parts_) {
    const at::Tensor own = floats.narrow(0, part.first, part.count);
    if (part.units.defined()) {
      at::Tensor rows = part.parameter.view_as(part.units);
      at::mul_out(rows, part.units, own.unsqueeze(1));
    } else {
      part.parameter.copy_(own.view_as(part.parameter));
    }
  }
}

void TunableFloats::store(StoredModel& stored) const {
  const at::Tensor floats = values().to(at::kFloat).cpu();
  for (const Part& part : parts_) {
    replace_floats(stored.tensors[part.tensor],
                   {floats.data_ptr<float>() + part.first, static_cast<size_t>(part.count)});
  }
}

}  // namespace golf
