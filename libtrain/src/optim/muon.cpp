#include "golf/train/optim/muon.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <iterator>

#include "golf/model/cpu_path.h"
#include "golf/train/parallel/gradient_reducer.h"

namespace golf {
namespace {

/// a·x + b·x³ + c·x⁵ on the singular values.
struct Polynomial {
  double a, b, c;
};
constexpr Polynomial kQuintic = {3.4445, -4.7750, 2.0315};
constexpr Polynomial kPolarExpress[] = {
    {8.156554524902461, -22.48329292557795, 15.878769915207462},
    {4.042929935166739, -2.808917465908714, 0.5000178451051316},
    {3.8916678022926607, -2.772484153217685, 0.5060648178503393},
    {3.285753657755655, -2.3681294933425376, 0.46449024233003106},
    {2.3465413258596377, -1.7097828382687081, 0.42323551169305323},
};
static_assert(std::size(kPolarExpress) == kPolarExpressSteps);

constexpr double kTiny = 1e-7;

/// Rounds the float32 values of a tensor without gaps to the nearest bf16, ties to even, in place.
void round_to_bf16(const torch::Tensor& x) {
  float* values = x.mutable_data_ptr<float>();
  at::parallel_for(0, x.numel(), 1 << 15, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const auto bits = std::bit_cast<uint32_t>(values[i]);
      const uint32_t nearest = (bits + 0x7FFFU + (bits >> 16 & 1U)) & 0xFFFF0000U;
      values[i] = values[i] == values[i] ? std::bit_cast<float>(nearest) : values[i];  // NaN stays NaN
    }
  });
}

/// a · b, written over `room` if that is defined.
torch::Tensor matmul_into(torch::Tensor& room, const torch::Tensor& a, const torch::Tensor& b) {
  return room.defined() ? at::matmul_out(room, a, b) : at::matmul(a, b);
}

}  // namespace

torch::Tensor newton_schulz(const torch::Tensor& g, int64_t steps, torch::ScalarType dtype,
                            NewtonSchulz coefficients) {
  torch::Tensor x = g.to(dtype);
  x = x / (at::linalg_vector_norm(x, 2, {-2, -1}, /*keepdim=*/true) + kTiny);
  const bool in_float32 = dtype == torch::kBFloat16 && x.device().is_cpu() && !has_bf16_products();
  if (in_float32) x = x.to(torch::kFloat);
  const auto rounded = [&](const torch::Tensor& value) {
    if (in_float32) round_to_bf16(value);
    return value;
  };
  // The smaller Gram matrix has the same non-zero eigenvalues.
  const bool tall = g.size(-2) > g.size(-1);
  if (tall) x = x.mT().contiguous();
  torch::Tensor s, scaled, square, product;  // kept from step to step, so that no memory is asked for
  for (int64_t i = 0; i < steps; ++i) {
    const auto& [a, b, c] = coefficients == NewtonSchulz::kQuintic ? kQuintic : kPolarExpress[i];
    s = rounded(matmul_into(s, x, x.mT()));
    scaled = rounded(scaled.defined() ? scaled.copy_(s).mul_(c) : s * c);
    square = rounded(matmul_into(square, scaled, s));
    const torch::Tensor q = rounded(rounded(s.mul_(b)).add_(square));
    product = rounded(matmul_into(product, q, x));
    x = rounded(rounded(x.mul_(a)).add_(product));
  }
  x = x.to(dtype);
  return tall ? x.mT() : x;
}

torch::Tensor rows_normalized(const torch::Tensor& u) {
  const torch::Tensor norms = at::linalg_vector_norm(u, 2, {-1}, /*keepdim=*/true, torch::kFloat);
  return u / norms.clamp_min(kTiny).to(u.scalar_type());
}

namespace {

torch::ScalarType to_torch(IterationDType dtype) {
  return dtype == IterationDType::kBFloat16 ? torch::kBFloat16 : torch::kFloat;
}

std::vector<torch::Tensor> tensors_of(const std::vector<NamedParameter>& live) {
  std::vector<torch::Tensor> tensors;
  for (const NamedParameter& one : live) tensors.push_back(one.tensor);
  return tensors;
}

/// Room for every rank's share of one shape, [W, n, r, c], where one share is [n, r, c].
torch::Tensor room_for_all(const torch::Tensor& own, const Communicator& ranks) {
  return at::empty({ranks.ranks().world, own.size(0), own.size(1), own.size(2)}, own.options());
}

/// The i-th matrix of a shape among all ranks' shares.
torch::Tensor matrix_of(const torch::Tensor& all, size_t index) {
  const auto i = static_cast<int64_t>(index);
  return all[i % all.size(0)][i / all.size(0)];
}

}  // namespace

Muon::Muon(const std::vector<NamedParameter>& parameters, double base_lr, const MuonConfig& config)
    : Optimizer(base_lr), config_(config) {
  for (const NamedParameter& parameter : parameters) {
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

std::vector<std::shared_ptr<GradientBucket>> Muon::shard(const Communicator& ranks) {
  ranks_ = &ranks;
  const auto world = static_cast<size_t>(ranks.ranks().world);
  std::vector<std::shared_ptr<GradientBucket>> all;
  for (Batch& batch : batches_) {
    for (size_t first = 0; first < batch.matrices.size(); first += world) {
      const auto begin = batch.matrices.begin() + static_cast<std::ptrdiff_t>(first);
      const auto end = batch.matrices.begin() +
                       static_cast<std::ptrdiff_t>(std::min(first + world, batch.matrices.size()));
      batch.buckets.push_back(std::make_shared<GradientBucket>(std::vector<NamedParameter>(begin, end),
                                                               /*scattered=*/true, ranks.ranks()));
      all.push_back(batch.buckets.back());
    }
    // A rank without a matrix in the last bucket works on zeros there, so that all gather equal shares.
    const torch::Tensor& old = batch.momentum;
    batch.momentum =
        at::zeros({static_cast<int64_t>(batch.buckets.size()), old.size(1), old.size(2)}, old.options());
  }
  return all;
}

void Muon::step(const StepRates& rates) {
  const at::NoGradGuard no_grad;
  const double decay = config_.weight_decay * rates.muon_decay_scale;
  if (decay > 0) {
    for (const Batch& batch : batches_) {
      at::_foreach_mul_(tensors_of(batch.matrices), 1.0 - lr(rates) * decay);
    }
  }
  if (ranks_ != nullptr) return step_among_ranks(rates);
  for (const Batch& batch : batches_) step_alone(batch, rates);
}

void Muon::step_alone(const Batch& batch, const StepRates& rates) const {
  const std::vector<torch::Tensor> matrices = tensors_of(batch.matrices);
  const auto update = [&](const std::vector<torch::Tensor>& some, const torch::Tensor& momentum) {
    std::vector<torch::Tensor> gradients;
    for (const torch::Tensor& matrix : some) gradients.push_back(matrix.grad());
    at::_foreach_add_(some, direction(at::stack(gradients), momentum, rates).unbind(), -lr(rates));
  };
  const bool complete = std::all_of(matrices.begin(), matrices.end(),
                                    [](const auto& matrix) { return matrix.grad().defined(); });
  if (complete) return update(matrices, batch.momentum);
  for (size_t i = 0; i < matrices.size(); ++i) {
    if (matrices[i].grad().defined())
      update({matrices[i]}, batch.momentum.narrow(0, static_cast<int64_t>(i), 1));
  }
}

void Muon::step_among_ranks(const StepRates& rates) const {
  std::vector<torch::Tensor> gathered;
  std::vector<Work> pending;
  for (const Batch& batch : batches_) {  // while one shape travels, the next is orthogonalized
    std::vector<torch::Tensor> gradients;
    for (const auto& bucket : batch.buckets) gradients.push_back(bucket->own);
    const torch::Tensor own = direction(at::stack(gradients), batch.momentum, rates).contiguous();
    gathered.push_back(room_for_all(own, *ranks_));
    pending.push_back(ranks_->all_gather(gathered.back().view({-1}), own.view({-1})));
  }
  for (size_t i = 0; i < batches_.size(); ++i) {
    pending[i].wait();
    std::vector<torch::Tensor> directions;
    for (size_t matrix = 0; matrix < batches_[i].matrices.size(); ++matrix) {
      directions.push_back(matrix_of(gathered[i], matrix));
    }
    at::_foreach_add_(tensors_of(batches_[i].matrices), directions, -lr(rates));
  }
}

torch::Tensor Muon::direction(const torch::Tensor& gradient, torch::Tensor momentum,
                              const StepRates& rates) const {
  const torch::Tensor g = gradient.to(momentum.scalar_type());
  momentum.mul_(rates.muon_momentum).add_(g);
  const torch::Tensor nesterov = g.add(momentum, rates.muon_momentum);
  const torch::Tensor x =
      newton_schulz(config_.row_normalize ? rows_normalized(nesterov) : nesterov, config_.ns_steps,
                    to_torch(config_.ns_dtype), config_.ns_coefficients);
  const auto rows = static_cast<double>(g.size(1)), columns = static_cast<double>(g.size(2));
  return (x * std::sqrt(std::max(1.0, rows / columns))).to(torch::kFloat);
}

std::vector<NamedParameter> Muon::state() const {
  std::vector<NamedParameter> state;
  for (const Batch& batch : batches_) {
    const auto world = static_cast<size_t>(ranks_ == nullptr ? 1 : ranks_->ranks().world);
    const auto rank = static_cast<size_t>(ranks_ == nullptr ? 0 : ranks_->ranks().rank);
    for (size_t i = rank; i < batch.matrices.size(); i += world) {
      state.push_back(
          {"muon.momentum." + batch.matrices[i].name, batch.momentum[static_cast<int64_t>(i / world)]});
    }
  }
  return state;
}

std::vector<NamedParameter> Muon::whole_state() const {
  if (ranks_ == nullptr) return state();
  std::vector<NamedParameter> state;
  for (const Batch& batch : batches_) {
    const torch::Tensor all = room_for_all(batch.momentum, *ranks_);
    ranks_->all_gather(all.view({-1}), batch.momentum.view({-1})).wait();
    for (size_t i = 0; i < batch.matrices.size(); ++i) {
      state.push_back({"muon.momentum." + batch.matrices[i].name, matrix_of(all, i)});
    }
  }
  return state;
}

}  // namespace golf
