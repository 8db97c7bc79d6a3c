#include "golf/model/parameter_init.h"

#include <ATen/CPUGeneratorImpl.h>
#include <torch/types.h>

#include <cmath>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "golf/artifact/spec/tensor_inventory.h"

namespace golf {
namespace {

/// Half the width of the uniform distribution that torch gives a linear layer: kaiming_uniform with a = √5,
/// computed in the same order so that the double is the same.
double linear_bound(int64_t fan_in) {
  const double gain = std::sqrt(2.0 / (1 + std::pow(std::sqrt(5.0), 2)));
  return std::sqrt(3.0) * (gain / std::sqrt(static_cast<double>(fan_in)));
}

/// The draws of one construction.
class Draws {
 public:
  explicit Draws(uint64_t seed) : generator_(at::detail::createCPUGenerator(seed)) {}

  torch::Tensor normal(const torch::Tensor& like, double std) {
    return at::empty(like.sizes(), torch::kFloat).normal_(0.0, std, generator_);
  }
  torch::Tensor linear(at::IntArrayRef shape) {
    const double bound = linear_bound(shape[1]);
    return at::empty(shape, torch::kFloat).uniform_(-bound, bound, generator_);
  }
  /// Orthonormal rows or columns, whichever are fewer: Q of a normal matrix, signed so that R's diagonal is
  /// positive.
  torch::Tensor orthogonal(const torch::Tensor& like) {
    torch::Tensor drawn = normal(like, 1.0);
    const bool wide = drawn.size(0) < drawn.size(1);
    if (wide) drawn.t_();
    const auto [q, r] = at::linalg_qr(drawn);
    const torch::Tensor signed_q = q * at::sign(r.diagonal());
    return wide ? signed_q.t() : signed_q;
  }

 private:
  at::Generator generator_;
};

bool has_default_draw(std::string_view name, const torch::Tensor& value) {
  return name.ends_with(".weight") && value.dim() == 2;
}

/// Linear layers that start at zero: what writes to the residual stream, heads, and gates.
bool starts_at_zero(std::string_view name) {
  return name.ends_with(".attn.proj.weight") || name.ends_with(".mlp.proj.weight") ||
         name.ends_with("lm_head.weight") || name.ends_with("smear_gate.weight") ||
         name.ends_with("mix_proj.weight") || name == "bigram_proj.weight";
}

/// A parameter that no generator decides.
torch::Tensor constant_value(std::string_view name, const torch::Tensor& like, const InitConfig& init) {
  const auto filled = [&](double value) { return at::full_like(like, value); };
  if (name.ends_with(".q_gain")) return filled(init.qk_gain_init);
  if (name.ends_with("bigram.scale") || name.ends_with("bigram_lambdas")) return filled(0.05);
  if (name.ends_with("ve_shared.scale")) return filled(0.1);
  if (name == "mix_proj.bias") return filled(std::log(init.markov_mix_init / (1 - init.markov_mix_init)));
  if (name == "markov2_mix") return filled(init.markov_pairs_init);
  if (name.ends_with("transition_logits") || name.ends_with("smear.gate") || name.ends_with("smear_lambda")) {
    return filled(0.0);
  }
  torch::Tensor value = at::ones_like(like);
  if (name.ends_with(".resid_mix")) value[1].zero_();
  return value;
}

using NamedParameters = std::vector<std::pair<std::string, torch::Tensor>>;

/// The orthogonal matrices in draw order.
NamedParameters orthogonal_matrices(const Decoder& model, const NamedParameters& parameters, bool by_bank) {
  NamedParameters matrices;
  if (by_bank) {
    const auto named = model->named_parameters();
    for (int64_t layer = 0; layer < model->config().num_layers; ++layer) {
      for (const char* matrix : {"attn.c_q", "attn.c_k", "attn.c_v", "mlp.fc"}) {
        const std::string name = "blocks." + std::to_string(layer) + "." + matrix + ".weight";
        matrices.emplace_back(name, named[name]);
      }
    }
  }
  for (const auto& [name, value] : parameters) {
    if (!has_default_draw(name, value) || starts_at_zero(name)) continue;
    const bool table = role_of(name) == TensorRole::kEmbedding || name.ends_with("embed.weight");
    if (table || (by_bank && layer_of(name) >= 0)) continue;
    // PRs 262 and 993 leave small layers at torch's default; PR 192 has none in its blocks.
    if (layer_of(name) < 0 && std::min(value.size(0), value.size(1)) < 64) continue;
    matrices.emplace_back(name, value);
  }
  return matrices;
}

}  // namespace

void init_parameters(Decoder& model, const InitConfig& init, uint64_t seed) {
  const at::NoGradGuard no_grad;
  const ModelConfig& config = model->config();
  const bool by_bank = init.matrices == MatrixInit::kOrthogonalBanks;
  Draws draws(seed);
  NamedParameters parameters;
  for (const auto& item : model->named_parameters()) parameters.emplace_back(item.key(), item.value());

  // First what torch draws while it constructs the modules, also for what is overwritten below: the stream
  // must advance as it did there.
  torch::Tensor embedding;
  for (auto& [name, target] : parameters) {
    if (name == "mix_proj.weight") continue;  // constructed after the transformer is complete
    if (by_bank && layer_of(name) >= 0 && has_default_draw(name, target)) {
      target.zero_();  // a bank is allocated, not drawn
    } else if (role_of(name) == TensorRole::kEmbedding) {
      embedding = target;
      target.copy_(draws.normal(target, 1.0));
    } else if (name.ends_with("ve_shared.embed.weight")) {
      draws.normal(target, 1.0);
      target.copy_(draws.normal(target, 0.01));
    } else if (name.ends_with("embed.weight")) {
      draws.normal(target, 1.0);
      target.zero_();
    } else if (has_default_draw(name, target)) {
      const torch::Tensor drawn = draws.linear(target.sizes());
      target.copy_(starts_at_zero(name) || layer_of(name) < 0 ? at::zeros_like(drawn) : drawn);
    } else {
      target.copy_(constant_value(name, target, init));
    }
  }
  for (int64_t head = 0; head < init.mtp_heads; ++head) draws.linear({config.vocab_size, config.model_dim});

  // Then the entry's own pass over them.
  if (config.tie_embeddings) embedding.copy_(draws.normal(embedding, init.tied_embed_init_std));
  if (init.matrices == MatrixInit::kUpstream) return;
  for (auto& [name, target] : orthogonal_matrices(model, parameters, by_bank)) {
    target.copy_(draws.orthogonal(target));
    // PR 262 scales every projection by 1/√(2L); the others are zero.
    if (name == "bigram.proj.weight" && !by_bank) {
      target.mul_(1.0 / std::sqrt(2.0 * static_cast<double>(config.num_layers)));
    }
  }
}

}  // namespace golf
