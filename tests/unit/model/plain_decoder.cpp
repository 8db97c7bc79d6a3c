#include "unit/model/plain_decoder.h"

#include <cmath>

namespace golf::test {
namespace {

torch::Tensor rms(const torch::Tensor& x) {
  return x / at::sqrt(at::square(x).mean({-1}, /*keepdim=*/true) + 1.1920928955078125e-07);
}

/// x [B, N, T, K].
torch::Tensor rotate(const torch::Tensor& x, double base) {
  const int64_t T = x.size(2), half = x.size(3) / 2;
  const auto f64 = torch::TensorOptions().dtype(torch::kDouble);
  const torch::Tensor frequency = at::pow(base, -at::arange(half, f64) / static_cast<double>(half));
  const torch::Tensor angle = at::arange(T, f64).unsqueeze(1) * frequency;
  const torch::Tensor a = x.slice(3, 0, half), b = x.slice(3, half);
  return at::cat({a * angle.cos() + b * angle.sin(), -a * angle.sin() + b * angle.cos()}, 3);
}

}  // namespace

torch::Tensor plain_decoder(const std::map<std::string, torch::Tensor>& parameters, const ModelConfig& config,
                            const torch::Tensor& ids_BT) {
  const int64_t B = ids_BT.size(0), T = ids_BT.size(1), H = config.num_heads, G = config.num_kv_heads,
                K = config.head_dim();
  const int64_t encoder = config.num_layers / 2;
  const torch::Tensor mask = at::ones({T, T}, torch::kBool).triu(1);
  const torch::Tensor embedding = parameters.at("tok_emb.weight");
  torch::Tensor x = rms(embedding.index({ids_BT}));
  const torch::Tensor x0 = x;
  std::vector<torch::Tensor> stack;
  for (int64_t layer = 0; layer < config.num_layers; ++layer) {
    const auto p = [&](const std::string& name) {
      return parameters.at("blocks." + std::to_string(layer) + "." + name);
    };
    const auto heads = [&](const torch::Tensor& u, const std::string& name, int64_t count) {
      return u.matmul(p(name).t()).reshape({B, T, count, K}).permute({0, 2, 1, 3});
    };
    if (config.unet_skips && layer >= encoder && !stack.empty()) {
      x = x + parameters.at("skip_weights")[layer - encoder] * stack.back();
      stack.pop_back();
    }
    x = p("resid_mix")[0] * x + p("resid_mix")[1] * x0;

    const torch::Tensor u = rms(x);
    const torch::Tensor gain = p("attn.q_gain").reshape({H, 1, 1});
    const torch::Tensor q = rotate(rms(heads(u, "attn.c_q.weight", H)), config.rope_base) * gain;
    const torch::Tensor k = rotate(rms(heads(u, "attn.c_k.weight", G)), config.rope_base);
    const torch::Tensor v = heads(u, "attn.c_v.weight", G);
    const torch::Tensor all_k = k.repeat_interleave(H / G, 1), all_v = v.repeat_interleave(H / G, 1);
    const torch::Tensor similarity = q.matmul(all_k.transpose(2, 3)) / std::sqrt(static_cast<double>(K));
    const torch::Tensor weights = at::softmax(similarity.masked_fill(mask, -INFINITY), -1);
    const torch::Tensor y = weights.matmul(all_v).permute({0, 2, 1, 3}).reshape({B, T, H * K});
    x = x + p("attn_scale") * y.matmul(p("attn.proj.weight").t());

    const torch::Tensor inner = at::square(at::relu(rms(x).matmul(p("mlp.fc.weight").t())));
    x = x + p("mlp_scale") * inner.matmul(p("mlp.proj.weight").t());
    if (config.unet_skips && layer < encoder) stack.push_back(x);
  }
  const torch::Tensor head = config.tie_embeddings ? embedding : parameters.at("lm_head.weight");
  return config.logit_softcap * at::tanh(rms(x).matmul(head.t()) / config.logit_softcap);
}

std::map<std::string, torch::Tensor> double_parameters(const Decoder& model) {
  std::map<std::string, torch::Tensor> result;
  for (const auto& parameter : model->named_parameters()) {
    result[parameter.key()] = parameter.value().detach().to(torch::kDouble).set_requires_grad(true);
  }
  return result;
}

}  // namespace golf::test
