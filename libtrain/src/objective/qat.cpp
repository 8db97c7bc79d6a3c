#include "golf/train/objective/qat.h"

#include <ATen/CPUGeneratorImpl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "golf/artifact/base/error.h"
#include "golf/artifact/spec/tensor_roles.h"
#include "golf/train/objective/objective_config.h"

namespace golf {
torch::Tensor rounded_per_row(const torch::Tensor& weight, int64_t bits, double clip_quantile) {
  const auto most = static_cast<double>((1 << (bits - 1)) - 1);
  const torch::Tensor magnitude = weight.abs();
  const torch::Tensor clip = clip_quantile < 1
                                 ? at::quantile(magnitude, clip_quantile, /*dim=*/1, /*keepdim=*/true)
                                 : magnitude.amax({1}, /*keepdim=*/true);
  const torch::Tensor scale = at::clamp_min(clip / most, 1.0 / most);
  return at::clamp(at::round(weight / scale), -most, most) * scale;
}

std::vector<std::string> qat_matrices(const QatConfig& config,
                                      const std::vector<NamedParameter>& parameters) {
  std::vector<std::string> names;
  if (config.method == QatMethod::kOff) return names;
  for (const NamedParameter& parameter : parameters) {
    const bool named = std::any_of(config.matrices.begin(), config.matrices.end(), [&](const auto& part) {
      return parameter.name.find(part) != std::string::npos;
    });
    if (named && parameter.tensor.dim() == 2 && parameter.tensor.numel() >= config.min_elements &&
        !is_control_name(parameter.name)) {
      names.push_back(parameter.name);
    }
  }
  if (names.empty()) {
    fail(
        ErrorCode::kInvalidArgument,
        fmt::format("qat.matrices: no matrix of this model with at least {} elements has one of these in its "
                    "name: {}",
                    config.min_elements, fmt::join(config.matrices, ", ")));
  }
  std::sort(names.begin(), names.end());
  return names;
}

FakeQuant::FakeQuant(const QatConfig& config, std::vector<std::string> matrices, Decoder model)
    : config_(config), model_(std::move(model)), matrices_(std::move(matrices)) {}

FakeQuant::~FakeQuant() { stop(); }

bool FakeQuant::applies_to(const std::string& name) const {
  return std::binary_search(matrices_.begin(), matrices_.end(), name);
}

void FakeQuant::start() {
  if (std::exchange(started_, true)) return;
  model_->set_weight_hook(hook());
}

void FakeQuant::stop() {
  if (std::exchange(started_, false)) model_->set_weight_hook({});
  differences_.clear();
}

WeightHook FakeQuant::hook() {
  if (!started_) return {};
  return [this](const std::string& name, const torch::Tensor& weight) { return quantized(name, weight); };
}

torch::Tensor FakeQuant::quantized(const std::string& name, const torch::Tensor& weight) {
  if (!model_->is_training() || !applies_to(name)) return weight;
  const torch::ScalarType dtype = config_.cast_first ? model_->compute_dtype() : torch::kFloat;
  torch::Tensor& difference = differences_[name];
  if (!difference.defined()) {
    const at::NoGradGuard no_grad;
    difference = rounded_per_row(weight, config_.bits, config_.clip_quantile).to(dtype) - weight.to(dtype);
  }
  return weight.to(dtype) + difference;
}

void add_rounding_noise(torch::Tensor weight, int64_t bits, double width, uint64_t seed) {
  const at::NoGradGuard no_grad;
  at::Generator generator = at::detail::createCPUGenerator(seed);
  const torch::Tensor noise =
      at::empty(weight.sizes(), torch::kFloat).uniform_(-width / 2, width / 2, generator);
  const auto most = static_cast<double>((1 << (bits - 1)) - 1);
  weight.add_(noise.to(weight.device()) * (weight.abs().amax({1}, /*keepdim=*/true) / most));
}

Qat::Qat(const QatConfig& config, const std::vector<NamedParameter>& parameters, const Decoder& model,
         uint64_t seed)
    : config_(config), seed_(seed), rounding_(config, qat_matrices(config, parameters), model) {
  for (const NamedParameter& parameter : parameters) {
    if (rounding_.applies_to(parameter.name)) matrices_.push_back(parameter);
  }
}

bool Qat::begin_step(double lr_multiplier, double progress) {
  if (started_ || !qat_due(config_, lr_multiplier, progress)) return false;
  set_started(true);
  return true;
}

void Qat::set_started(bool started) {
  started_ = started;
  started&& config_.method == QatMethod::kFakeQuant ? rounding_.start() : rounding_.stop();
}

void Qat::end_step(int64_t finished_steps) {
  rounding_.invalidate();
  if (!started_ || !noise_due(config_, finished_steps)) return;
  for (size_t i = 0; i < matrices_.size(); ++i) {
    // A stream of its own for every step and matrix, so that a resumed run draws the same.
    const uint64_t stream = (seed_ * 1'000'003 + static_cast<uint64_t>(finished_steps)) * 8191 + i;
    add_rounding_noise(matrices_[i].tensor, config_.bits, config_.noise_scale, stream);
  }
}

}  // namespace golf
