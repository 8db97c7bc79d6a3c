#pragma once

#include <torch/types.h>

#include "golf/model/decoder.h"

namespace golf {

/// −ln p(target) of each position in nats, float32 [B, T]. Logits of any floating type are read as float32;
/// targets are int64 [B, T].
torch::Tensor token_nll(const torch::Tensor& logits_BTV, const torch::Tensor& targets_BT);

/// The mean of token_nll over all positions, float32 scalar.
/// Source: docs/SUBMISSIONS.md, upstream reference, Model.
torch::Tensor mean_nll(const torch::Tensor& logits_BTV, const torch::Tensor& targets_BT);

/// Entropy of the predicted distribution at each position in nats, float32 [B, T]; no gradient.
torch::Tensor token_entropy(const torch::Tensor& logits_BTV);

/// token_nll and mean_nll of softcap(scores) without keeping the logits: what a training step should call for
/// a head whose logits are softcap · tanh(scores / softcap).
torch::Tensor softcapped_nll(const torch::Tensor& scores_BTV, double softcap,
                             const torch::Tensor& targets_BT);
torch::Tensor softcapped_mean_nll(const torch::Tensor& scores_BTV, double softcap,
                                  const torch::Tensor& targets_BT);

/// The model's training loss at hidden states `h_BTD` of `ids_BT`: mean_nll(model->logits(h, ids), targets)
/// by the fastest road.
torch::Tensor next_token_loss(Decoder& model, const torch::Tensor& h_BTD, const torch::Tensor& ids_BT,
                              const torch::Tensor& targets_BT);

/// What evaluation needs of each position; nats, float32 [B, T]. No gradient.
struct PositionScores {
  torch::Tensor nll_BT;
  torch::Tensor entropy_BT;  ///< undefined unless asked for
};
/// token_nll and token_entropy of model->logits(h, ids) by the fastest road.
PositionScores score_positions(Decoder& model, const torch::Tensor& h_BTD, const torch::Tensor& ids_BT,
                               const torch::Tensor& targets_BT, bool with_entropy);

}  // namespace golf
