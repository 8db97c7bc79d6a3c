#include "golf/train/objective/mtp_heads.h"

#include "golf/model/loss.h"

namespace golf {

MtpHeads::MtpHeads(const MtpConfig& config, const Decoder& model)
    : loss_weight_(config.loss_weight),
      softcap_(model->config().logit_softcap),
      compute_dtype_(model->compute_dtype()) {
  const auto options = model->parameters().at(0).options().requires_grad(true);
  for (int64_t head = 0; head < config.heads; ++head) {
    parameters_.push_back({mtp_head_name(head),
                           torch::zeros({model->config().vocab_size, model->config().model_dim}, options)});
  }
}

torch::Tensor MtpHeads::loss(const torch::Tensor& h_BTD, const torch::Tensor& targets_BT,
                             const WeightHook& hook) const {
  torch::Tensor sum;
  for (size_t j = 0; j < parameters_.size(); ++j) {
    const auto& [name, matrix] = parameters_[j];
    const auto ahead = static_cast<int64_t>(j) + 1;
    const int64_t positions = h_BTD.size(1) - ahead;
    const torch::Tensor weight = hook ? hook(name, matrix) : matrix;
    const torch::Tensor scores_BSV =
        at::linear(h_BTD.narrow(1, 0, positions).to(compute_dtype_), weight.to(compute_dtype_));
    const torch::Tensor loss =
        softcapped_mean_nll(scores_BSV, softcap_, targets_BT.narrow(1, ahead, positions).contiguous());
    sum = sum.defined() ? sum + loss : loss;
  }
  return sum.defined() ? sum * (loss_weight_ / static_cast<double>(parameters_.size())) : sum;
}

}  // namespace golf
