#pragma once

#include <torch/types.h>

#include <vector>

#include "golf/model/decoder.h"
#include "golf/train/objective/objective_config.h"
#include "golf/train/optim/optimizer.h"

namespace golf {

/// Heads for multi-token prediction: each reads the hidden states that the model's own head reads, so that
/// their gradients shape the trunk. They belong to the training run, not to the model: no exported
/// checkpoint or artifact can hold them. Shapes: B sequences, T positions, D model width, V vocabulary.
class MtpHeads {
 public:
  /// Zero matrices [V, D] on the model's device; none when the configuration has none.
  MtpHeads(const MtpConfig& config, const Decoder& model);

  /// Under mtp_head_name(i).
  const std::vector<NamedParameter>& parameters() const { return parameters_; }

  /// loss_weight · mean over the heads. Head j reads positions 0 … T−j−2 of `h_BTD` and predicts targets
  /// j+1 … T−1, with the model's softcap. An undefined tensor without heads.
  /// Source: docs/SUBMISSIONS.md, PR 88 and PR 262, Training.
  torch::Tensor loss(const torch::Tensor& h_BTD, const torch::Tensor& targets_BT,
                     const WeightHook& hook) const;

 private:
  double loss_weight_, softcap_;
  torch::ScalarType compute_dtype_;
  std::vector<NamedParameter> parameters_;
};

}  // namespace golf
