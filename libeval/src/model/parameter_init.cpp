#include "golf/model/parameter_init.h"

#include <ATen/CPUGeneratorImpl.h>
#include <fmt/format.h>
#include <torch/types.h>

#include <cmath>

#include "golf/artifact/base/error.h"
#include "golf/artifact/spec/tensor_inventory.h"

namespace golf {
namespace {

/// Half the width of the uniform distribution that torch gives a linear layer: kaiming_uniform with a = √5,
/// computed in the same order so that the double is the same.
double linear_bound(int64_t fan_in) {
  const double gain = std::sqrt(2.0 / (1 + std::pow(std::sqrt(5.0), 2)));
  return std::sqrt(3.0) * (gain / std::sqrt(static_cast<double>(fan_in)));
}

torch::Tensor control_value(std::string_view name, const torch::Tensor& like, const InitConfig& init) {
  if (name.ends_with(".q_gain")) return at::full_like(like, init.qk_gain_init);
  torch::Tensor value = at::ones_like(like);
  if (name.ends_with(".resid_mix")) value[1].zero_();
  return value;
}

}  // namespace

void init_parameters(Decoder& model, const InitConfig& init, uint64_t seed) {
  const at::NoGradGuard no_grad;
  at::Generator generator = at::detail::createCPUGenerator(seed);
  const auto normal = [&](const torch::Tensor& like, double std) {
    return at::empty(like.sizes(), torch::kFloat).normal_(0.0, std, generator);
  };
  const auto linear = [&](const torch::Tensor& like) {
    const double bound = linear_bound(like.size(1));
    return at::empty(like.sizes(), torch::kFloat).uniform_(-bound, bound, generator);
  };

  torch::Tensor embedding;
  // Inventory order is upstream's construction order, hence its draw order.
  for (const auto& parameter : model->named_parameters()) {
    const std::string& name = parameter.key();
    torch::Tensor target = parameter.value();
    switch (role_of(name)) {
      case TensorRole::kEmbedding:
        embedding = target;
        target.copy_(normal(target, 1.0));
        break;
      case TensorRole::kAttentionMatrix:
      case TensorRole::kMlpMatrix:
      case TensorRole::kHead: {
        const torch::Tensor drawn = linear(target);  // drawn also where zeros follow: the stream must advance
        const bool starts_at_zero = name.ends_with(".proj.weight") || name == "lm_head.weight";
        target.copy_(starts_at_zero ? at::zeros_like(drawn) : drawn);
        break;
      }
      case TensorRole::kControl:
        target.copy_(control_value(name, target, init));
        break;
      case TensorRole::kTable:
      case TensorRole::kGate:
      case TensorRole::kOther:
        fail(ErrorCode::kUnsupported, fmt::format("no initial value is known for tensor \"{}\"", name));
    }
  }
  // Upstream draws a tied embedding a second time, after everything else.
  if (model->config().tie_embeddings) embedding.copy_(normal(embedding, init.tied_embed_init_std));
}

}  // namespace golf
