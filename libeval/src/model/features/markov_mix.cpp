#include <torch/types.h>

#include <algorithm>

#include "model/feature.h"
#include "model/features/formulas.h"
#include "model/ops.h"

namespace golf {
torch::Tensor markov_pair_slots(const torch::Tensor& ids_BT, int64_t buckets) {
  const torch::Tensor before_BT = at::constant_pad_nd(ids_BT.narrow(1, 0, ids_BT.size(1) - 1), {1, 0});
  return at::remainder(at::bitwise_xor(before_BT * 1000003, ids_BT * 92821), buckets);
}

namespace {

/// σ((gap − threshold) / temp) [B, S, 1], the gap between the two largest of each row.
class Gate {
 public:
  Gate() = default;
  explicit Gate(const FeatureSettings& settings)
      : threshold_(settings.number("gate_threshold")), temp_(settings.number("gate_temp")) {}
  torch::Tensor open(const torch::Tensor& logits_BSV) const {
    const torch::Tensor best_BS2 = std::get<0>(logits_BSV.topk(2, -1));
    const torch::Tensor gap_BS1 = best_BS2.narrow(-1, 0, 1) - best_BS2.narrow(-1, 1, 1);
    return at::sigmoid((gap_BS1 - threshold_) / std::max(temp_, 1e-6));
  }

 private:
  double threshold_ = 0, temp_ = 1;
};

/// Adds the logits of a Markov table to the transformer's where the table is certain (PR 1046). With m the
/// table's row of the input token divided by markov_temp, and its gap between the two largest:
///
///   logits + σ((gap − threshold) / temp) · σ(mix_proj(h)) · m
///
/// The optional second order adds, past the first position, markov2_mix · σ((gap₂ − threshold₂) / temp₂) · m₂
/// with m₂ the softcapped row of the hashed pair of tokens. There is no softcap after the sum.
class MarkovMix : public Feature {
 public:
  explicit MarkovMix(const FeatureParts& parts)
      : Feature(parts),
        gate_(parts.settings),
        softcap_(parts.config.logit_softcap),
        temp_(parts.parameters.tensor("markov_temp")),
        transitions_VV_(parts.parameters.tensor("markov.transition_logits")),
        mix_weight_1D_(parts.parameters.tensor("mix_proj.weight")),
        mix_bias_(parts.parameters.tensor("mix_proj.bias")) {
    if (const auto pairs = parts.settings.section("pairs")) {
      pair_buckets_ = pairs->integer("buckets");
      pair_gate_ = Gate(*pairs);
      pair_mix_ = parts.parameters.tensor("markov2_mix");
      pair_transitions_ = parts.parameters.tensor("markov2.transition_logits");
    }
  }

  bool changes_logits() const override { return true; }

  torch::Tensor logits(const torch::Tensor& logits_BSV, const torch::Tensor& h_BSD,
                       const torch::Tensor& ids_BT) const override {
    const int64_t positions = h_BSD.size(1);
    const torch::Tensor ids_BS = ids_BT.narrow(1, ids_BT.size(1) - positions, positions);
    const torch::Tensor m_BSV = at::embedding(transitions_VV_, ids_BS) / temp_;
    const torch::Tensor share_BS1 =
        at::sigmoid(at::linear(h_BSD.to(torch::kFloat), mix_weight_1D_, mix_bias_));
    const torch::Tensor mixed_BSV = logits_BSV + gate_.open(m_BSV) * share_BS1 * m_BSV;
    return pair_mix_.defined() ? mixed_BSV + second_order(ids_BT, positions) : mixed_BSV;
  }

 private:
  torch::Tensor second_order(const torch::Tensor& ids_BT, int64_t positions) const {
    const int64_t length = ids_BT.size(1), skipped = length - positions;
    torch::Tensor has_pair_T1 = at::ones({length, 1}, pair_mix_.options().requires_grad(false));
    has_pair_T1.narrow(0, 0, 1).zero_();
    const torch::Tensor slots_BS = markov_pair_slots(ids_BT, pair_buckets_).narrow(1, skipped, positions);
    const torch::Tensor row_BSV = at::embedding(pair_transitions_, slots_BS);
    const torch::Tensor m_BSV = softcap(row_BSV * has_pair_T1.narrow(0, skipped, positions), softcap_);
    return pair_mix_ * pair_gate_.open(m_BSV) * m_BSV;
  }

  Gate gate_;
  double softcap_;
  torch::Tensor temp_, transitions_VV_, mix_weight_1D_, mix_bias_;
  int64_t pair_buckets_ = 0;
  Gate pair_gate_;
  torch::Tensor pair_mix_, pair_transitions_;  ///< undefined without the second order
};

}  // namespace

namespace features {
std::unique_ptr<Feature> make_markov_mix(const FeatureParts& parts) { return make_feature<MarkovMix>(parts); }
}  // namespace features

}  // namespace golf
