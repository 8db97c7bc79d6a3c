#include "adapt/low_rank_adapters.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "adapt/low_rank_product.h"
#include "golf/artifact/base/error.h"
#include "golf/model/torch_tensors.h"
#include "model/kernels/kernels.h"

namespace golf {
namespace {

/// In the order in which PR 1855 draws them.
constexpr AdapterSite kDrawOrder[] = {AdapterSite::kHead, AdapterSite::kQuery, AdapterSite::kValue,
                                      AdapterSite::kKey,  AdapterSite::kMlp,   AdapterSite::kAttention};

int64_t width_of_output(const ModelConfig& model, AdapterSite site) {
  switch (site) {
    case AdapterSite::kQuery:
      return model.num_heads * model.head_dim();
    case AdapterSite::kKey:
    case AdapterSite::kValue:
      return model.num_kv_heads * model.head_dim();
    case AdapterSite::kHead:
      return model.vocab_size;
    default:
      return model.model_dim;
  }
}

/// Element j, from 1 on, is (2u − 1)/√in with u = ((j·2654435761 + 97·(1000·set + index)) mod 2³²) / 2³².
at::Tensor draw_by_counter(at::IntArrayRef shape, int64_t set, int64_t index) {
  at::Tensor values = at::empty(shape, at::kFloat);
  auto* out = values.data_ptr<float>();
  const double bound = 1.0 / std::sqrt(static_cast<double>(shape.back()));
  const auto offset = static_cast<uint64_t>(97 * (1000 * set + index));
  for (int64_t j = 0; j < values.numel(); ++j) {
    const auto drawn = static_cast<uint32_t>(static_cast<uint64_t>(j + 1) * 2654435761U + offset);
    out[j] = static_cast<float>((2.0 * (static_cast<double>(drawn) * 0x1p-32) - 1.0) * bound);
  }
  return values;
}

at::Tensor draw(at::IntArrayRef shape, const LowRankAdaptConfig& config, int64_t set, int64_t index,
                at::Generator& generator) {
  if (config.draw == AdapterDraw::kCounter) return draw_by_counter(shape, set, index);
  const double bound = 1.0 / std::sqrt(static_cast<double>(shape.back()));
  return at::empty(shape, at::kFloat).uniform_(-bound, bound, generator);
}

/// @return the sum of the gradient's squares
double apply_adamw(const LowRankAdaptConfig& config, double unbiased_mean, double unbiased_square,
                   const at::Tensor& gradient, const at::Tensor& mean, const at::Tensor& square,
                   const at::Tensor& parameter) {
  if (parameter.device().is_cpu()) {
    return kernels::adamw({.count = parameter.numel(),
                           .lr = config.lr,
                           .weight_decay = config.weight_decay,
                           .beta1 = config.beta1,
                           .beta2 = config.beta2,
                           .eps = config.eps,
                           .unbiased_mean = unbiased_mean,
                           .unbiased_square = unbiased_square,
                           .gradient = gradient.const_data_ptr<float>(),
                           .mean = mean.defined() ? mean.mutable_data_ptr<float>() : nullptr,
                           .square = square.mutable_data_ptr<float>(),
                           .parameter = parameter.mutable_data_ptr<float>()});
  }
  if (mean.defined()) mean.lerp_(gradient, 1.0 - config.beta1);
  square.mul_(config.beta2).addcmul_(gradient, gradient, 1.0 - config.beta2);
  parameter.mul_(1.0 - config.lr * config.weight_decay)
      .addcdiv_(mean.defined() ? mean : gradient,
                square.sqrt().div_(std::sqrt(unbiased_square)).add_(config.eps), -config.lr / unbiased_mean);
  return gradient.square().sum().item<double>();
}

}  // namespace

LowRankAdapters::LowRankAdapters(Decoder& model, const LowRankAdaptConfig& config, int64_t documents,
                                 int64_t set, at::Generator& generator)
    : config_(config), documents_(documents) {
  const at::Device device = model->parameters().front().device();
  const auto zeros = [&](at::IntArrayRef shape) { return at::zeros(shape, at::device(device)); };
  const auto moments = [&](at::IntArrayRef shape) {
    return AdamMoments{.mean = config.beta1 > 0 ? zeros(shape) : at::Tensor(), .square = zeros(shape)};
  };
  for (const AdapterSite site : kDrawOrder) {
    const auto& sites = config.sites;
    if (std::find(sites.begin(), sites.end(), site_name(site)) == sites.end()) continue;
    const bool head = site == AdapterSite::kHead;
    const int64_t calls = head ? 1 : static_cast<int64_t>(model->plan().calls.size());
    for (int64_t call = 0; call < calls; ++call) {
      const int64_t a[] = {documents, config.rank, model->config().model_dim};
      const int64_t b[] = {documents, width_of_output(model->config(), site), config.rank};
      matrices_.push_back(
          {.site = site,
           .call = head ? -1 : call,
           .a_NRI = draw(a, config, set, static_cast<int64_t>(matrices_.size()), generator).to(device),
           .b_NOR = zeros(b),
           .a_moments = moments(a),
           .b_moments = moments(b)});
    }
  }
}

void LowRankAdapters::reset() {
  updates_ = 0;
  for (AdapterMatrices& each : matrices_) {
    each.b_NOR.zero_();
    for (AdamMoments* moments : {&each.a_moments, &each.b_moments}) {
      moments->square.zero_();
      if (moments->mean.defined()) moments->mean.zero_();
    }
  }
}

double LowRankAdapters::step(int64_t first, int64_t count, const std::vector<at::Tensor>& gradients) {
  const at::NoGradGuard no_grad;
  const auto updates = static_cast<double>(updates_);
  const double unbiased_mean = 1.0 - std::pow(config_.beta1, updates);
  const double unbiased_square = 1.0 - std::pow(config_.beta2, updates);
  double squares = 0;
  const auto update = [&](const at::Tensor& all, const AdamMoments& moments, const at::Tensor& gradient) {
    const auto own = [&](const at::Tensor& tensor) { return tensor.narrow(0, first, count); };
    const at::Tensor parameter = own(all), square = own(moments.square);
    const at::Tensor mean = moments.mean.defined() ? own(moments.mean) : at::Tensor();
    if (!gradient.defined() && !mean.defined()) {
      // The mean is the gradient, so nothing moves the parameter but its decay.
      parameter.mul_(1.0 - config_.lr * config_.weight_decay);
      square.mul_(config_.beta2);
      return;
    }
    const at::Tensor g = gradient.defined() ? gradient.contiguous() : at::zeros_like(parameter);
    squares += apply_adamw(config_, unbiased_mean, unbiased_square, g, mean, square, parameter);
  };
  const auto gradient_of = [&](size_t i) { return i < gradients.size() ? gradients[i] : at::Tensor(); };
  for (size_t i = 0; i < matrices_.size(); ++i) {
    update(matrices_[i].a_NRI, matrices_[i].a_moments, gradient_of(2 * i));
    update(matrices_[i].b_NOR, matrices_[i].b_moments, gradient_of(2 * i + 1));
  }
  return squares;
}

void LowRankAdapters::add_to(TensorSet& state, const std::string& prefix, const EvalProcesses& processes,
                             const std::function<bool(int64_t document)>& is_own) const {
  const auto add = [&](const std::string& name, const at::Tensor& all) {
    if (processes.alone()) return state.add(prefix + name, from_torch(all));
    const at::Tensor shared = at::zeros(all.sizes(), at::kDouble);
    for (int64_t document = 0; document < documents_; ++document) {
      if (is_own(document)) shared[document].copy_(all[document]);
    }
    processes.sum(shared);
    state.add(prefix + name, from_torch(shared.to(at::kFloat)));
  };
  state.add(prefix + "updates", from_torch(at::tensor({updates_}, at::kLong)));
  for (const AdapterMatrices& each : matrices_) {
    const std::string name = fmt::format("{}.{}.", site_name(each.site), each.call);
    add(name + "a", each.a_NRI);
    if (updates_ == 0) continue;  // all else is 0
    add(name + "b", each.b_NOR);
    for (const auto& [of, moments] : {std::pair{"a", &each.a_moments}, {"b", &each.b_moments}}) {
      add(name + of + ".square", moments->square);
      if (moments->mean.defined()) add(name + of + ".mean", moments->mean);
    }
  }
}

void LowRankAdapters::restore(const TensorSet& state, const std::string& prefix) {
  const at::NoGradGuard no_grad;
  const auto read = [&](const std::string& name, const at::Tensor& into) {
    const at::Tensor values = to_torch(state.at(prefix + name));
    if (values.sizes() != into.sizes()) {
      fail(ErrorCode::kMismatch, fmt::format("{}{} is of another shape than the adapters", prefix, name));
    }
    into.copy_(values);
  };
  reset();
  updates_ = to_torch(state.at(prefix + "updates")).item<int64_t>();
  for (const AdapterMatrices& each : matrices_) {
    const std::string name = fmt::format("{}.{}.", site_name(each.site), each.call);
    read(name + "a", each.a_NRI);
    if (updates_ == 0) continue;
    read(name + "b", each.b_NOR);
    for (const auto& [of, moments] : {std::pair{"a", &each.a_moments}, {"b", &each.b_moments}}) {
      read(name + of + ".square", moments->square);
      if (moments->mean.defined()) read(name + of + ".mean", moments->mean);
    }
  }
}

BatchAdapters::BatchAdapters(const LowRankAdapters& adapters, int64_t first, int64_t count, bool learns)
    : scale_(adapters.scale()) {
  for (const AdapterMatrices& each : adapters.matrices()) {
    first_leaf_[{each.site, each.call}] = leaves_.size();
    for (const at::Tensor& all : {each.a_NRI, each.b_NOR}) {
      leaves_.push_back(all.narrow(0, first, count).detach().requires_grad_(learns));
    }
  }
}

at::Tensor BatchAdapters::add(AdapterSite site, int64_t call, const at::Tensor& x_BTD,
                              const at::Tensor& y_BTC) const {
  const auto found = first_leaf_.find({site, call});
  if (found == first_leaf_.end()) return y_BTC;
  const at::ScalarType dtype = y_BTC.scalar_type();
  return add_low_rank_product(y_BTC, x_BTD.to(dtype), leaves_[found->second].to(dtype),
                              leaves_[found->second + 1].to(dtype), scale_);
}

}  // namespace golf
