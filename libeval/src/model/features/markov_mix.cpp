#include "model/features/markov_mix.h"

#include <torch/types.h>

#include <algorithm>

#include "model/ops.h"

namespace golf {
namespace {

/// σ((gap − threshold) / temp) [B, T, 1], the gap between the two largest of each row.
torch::Tensor confidence_gate(const torch::Tensor& logits_BTV, double threshold, double temp) {
  const torch::Tensor best_BT2 = std::get<0>(logits_BTV.topk(2, -1));
  const torch::Tensor gap_BT1 = best_BT2.narrow(-1, 0, 1) - best_BT2.narrow(-1, 1, 1);
  return at::sigmoid((gap_BT1 - threshold) / std::max(temp, 1e-6));
}

}  // namespace

torch::Tensor markov_pair_slots(const torch::Tensor& ids_BT, int64_t buckets) {
  const torch::Tensor before_BT = at::constant_pad_nd(ids_BT.narrow(1, 0, ids_BT.size(1) - 1), {1, 0});
  return at::remainder(at::bitwise_xor(before_BT * 1000003, ids_BT * 92821), buckets);
}

MarkovMix::MarkovMix(const ModelConfig& config, torch::nn::Module& owner)
    : config_(*config.markov_mix), softcap_(config.logit_softcap) {
  const int64_t vocab = config.vocab_size;
  temp_ = owner.register_parameter("markov_temp", torch::ones({}));
  if (config_.pairs) pair_mix_ = owner.register_parameter("markov2_mix", torch::zeros({}));
  const auto table = owner.register_module("markov", std::make_shared<torch::nn::Module>());
  transitions_VV_ = table->register_parameter("transition_logits", torch::zeros({vocab, vocab}));
  const auto mix = owner.register_module("mix_proj", std::make_shared<torch::nn::Module>());
  mix_weight_1D_ = mix->register_parameter("weight", torch::zeros({1, config.model_dim}));
  mix_bias_ = mix->register_parameter("bias", torch::zeros({1}));
  if (config_.pairs) {
    const auto pairs = owner.register_module("markov2", std::make_shared<torch::nn::Module>());
    pair_transitions_ =
        pairs->register_parameter("transition_logits", torch::zeros({config_.pairs->buckets, vocab}));
  }
}

torch::Tensor MarkovMix::mix(const torch::Tensor& logits_BSV, const torch::Tensor& h_BSD,
                             const torch::Tensor& ids_BT) const {
  const int64_t positions = h_BSD.size(1);
  const torch::Tensor ids_BS = ids_BT.narrow(1, ids_BT.size(1) - positions, positions);
  const torch::Tensor m_BSV = at::embedding(transitions_VV_, ids_BS) / temp_;
  const torch::Tensor gate_BS1 = confidence_gate(m_BSV, config_.gate_threshold, config_.gate_temp);
  const torch::Tensor share_BS1 = at::sigmoid(at::linear(h_BSD.to(torch::kFloat), mix_weight_1D_, mix_bias_));
  const torch::Tensor mixed_BSV = logits_BSV + gate_BS1 * share_BS1 * m_BSV;
  return config_.pairs ? mixed_BSV + second_order(ids_BT, positions) : mixed_BSV;
}

torch::Tensor MarkovMix::second_order(const torch::Tensor& ids_BT, int64_t positions) const {
  const MarkovPairsConfig& pairs = *config_.pairs;
  const int64_t length = ids_BT.size(1), skipped = length - positions;
  torch::Tensor has_pair_T1 = at::ones({length, 1}, pair_mix_.options().requires_grad(false));
  has_pair_T1.narrow(0, 0, 1).zero_();
  const torch::Tensor slots_BS = markov_pair_slots(ids_BT, pairs.buckets).narrow(1, skipped, positions);
  const torch::Tensor row_BSV = at::embedding(pair_transitions_, slots_BS);
  const torch::Tensor m_BSV = softcap(row_BSV * has_pair_T1.narrow(0, skipped, positions), softcap_);
  return pair_mix_ * confidence_gate(m_BSV, pairs.gate_threshold, pairs.gate_temp) * m_BSV;
}

}  // namespace golf
