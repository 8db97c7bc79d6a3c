#pragma once

#include <torch/nn/module.h>

#include "golf/artifact/spec/model_config.h"

namespace golf {

/// The row of the second-order table that each position reads: for input token p and predecessor q (0 at the
/// first position), ((q·1000003) xor (p·92821)) mod buckets in int64. ids int64 [B, T] → int64 [B, T].
torch::Tensor markov_pair_slots(const torch::Tensor& ids_BT, int64_t buckets);

/// Adds the logits of a Markov table to the transformer's where the table is sure of itself (PR 1046). With m
/// the table's row of the input token divided by markov_temp, and its gap between the two largest:
///
///   logits + σ((gap − threshold) / temp) · σ(mix_proj(h)) · m
///
/// The optional second order adds, past the first position, markov2_mix · σ((gap₂ − threshold₂) / temp₂) · m₂
/// with m₂ the softcapped row of the hashed pair of tokens. There is no softcap after the sum.
class MarkovMix {
 public:
  /// Registers its parameters in `owner`, under the entry's names; the transformer must be there already.
  MarkovMix(const ModelConfig& config, torch::nn::Module& owner);

  /// logits float32 [B, S, V], softcapped, and hidden states [B, S, D] of the last S positions of the
  /// sequences ids int64 [B, T].
  torch::Tensor mix(const torch::Tensor& logits_BSV, const torch::Tensor& h_BSD,
                    const torch::Tensor& ids_BT) const;

 private:
  torch::Tensor second_order(const torch::Tensor& ids_BT, int64_t positions) const;

  MarkovMixConfig config_;
  double softcap_;
  torch::Tensor temp_, transitions_VV_, mix_weight_1D_, mix_bias_;
  torch::Tensor pair_mix_, pair_transitions_;  // undefined without the second order
};

}  // namespace golf
