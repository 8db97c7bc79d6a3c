#include "golf/train/objective/fake_quant.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "golf/artifact/base/error.h"
#include "golf/artifact/spec/tensor_roles.h"

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

std::vector<std::string> qat_matrices(const QatConfig& config, const std::vector<LiveTensor>& parameters) {
  std::vector<std::string> names;
  if (config.method == QatMethod::kOff) return names;
  for (const LiveTensor& parameter : parameters) {
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
  return [this](const std::string& name, const torch::Tensor& weight) { return quantised(name, weight); };
}

torch::Tensor FakeQuant::quantised(const std::string& name, const torch::Tensor& weight) {
  if (!model_->is_training() || !applies_to(name)) return weight;
  const torch::ScalarType dtype = config_.cast_first ? model_->compute_dtype() : torch::kFloat;
  torch::Tensor& difference = differences_[name];
  if (!difference.defined()) {
    const at::NoGradGuard no_grad;
    difference = rounded_per_row(weight, config_.bits, config_.clip_quantile).to(dtype) - weight.to(dtype);
  }
  return weight.to(dtype) + difference;
}

}  // namespace golf
