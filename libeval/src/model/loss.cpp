#include "golf/model/loss.h"

#include <ATen/core/Reduction.h>

#include "model/ops.h"
#include "model/ops/cuda_path.h"
#include "model/ops/paths.h"

namespace golf {
namespace {

torch::Tensor cross_entropy(const torch::Tensor& logits_BTV, const torch::Tensor& targets_BT,
                            at::Reduction::Reduction reduction) {
  check_targets(targets_BT, logits_BTV.size(-1));
  return at::cross_entropy_loss(logits_BTV.to(torch::kFloat).flatten(0, -2), targets_BT.flatten(),
                                /*weight=*/{}, reduction);
}

}  // namespace

torch::Tensor token_nll(const torch::Tensor& logits_BTV, const torch::Tensor& targets_BT) {
  return cross_entropy(logits_BTV, targets_BT, at::Reduction::None).view(targets_BT.sizes());
}

torch::Tensor mean_nll(const torch::Tensor& logits_BTV, const torch::Tensor& targets_BT) {
  return cross_entropy(logits_BTV, targets_BT, at::Reduction::Mean);
}

torch::Tensor token_entropy(const torch::Tensor& logits_BTV) {
  const at::NoGradGuard no_grad;
  const torch::Tensor log_p_BTV = at::log_softmax(logits_BTV.to(torch::kFloat), -1);
  return -(log_p_BTV.exp() * log_p_BTV).sum(-1);
}

torch::Tensor softcapped_nll(const torch::Tensor& scores_BTV, double cap, const torch::Tensor& targets_BT) {
  if (scores_BTV.device().is_cpu() && fused::has_kernels()) {
    return fused::softcapped_nll(scores_BTV.to(torch::kFloat), cap, targets_BT);
  }
  if (cuda::takes_elements(scores_BTV)) return cuda::softcapped_nll(scores_BTV, cap, targets_BT);
  return token_nll(softcap(scores_BTV, cap), targets_BT);
}

torch::Tensor softcapped_mean_nll(const torch::Tensor& scores_BTV, double cap,
                                  const torch::Tensor& targets_BT) {
  return softcapped_nll(scores_BTV, cap, targets_BT).mean();
}

torch::Tensor next_token_loss(Decoder& model, const torch::Tensor& h_BTD, const torch::Tensor& ids_BT,
                              const torch::Tensor& targets_BT) {
  if (model->trains_on_softcapped()) {
    return softcapped_mean_nll(model->raw_logits(h_BTD), model->config().logit_softcap, targets_BT);
  }
  return mean_nll(model->logits(h_BTD, ids_BT), targets_BT);
}

PositionScores score_positions(Decoder& model, const torch::Tensor& h_BTD, const torch::Tensor& ids_BT,
                               const torch::Tensor& targets_BT, bool with_entropy) {
  const at::NoGradGuard no_grad;
  if (model->logits_are_softcapped() && h_BTD.device().is_cpu() && fused::has_kernels()) {
    const torch::Tensor scores_BTV = model->raw_logits(h_BTD).to(torch::kFloat);
    return fused::softcapped_scores(scores_BTV, model->config().logit_softcap, targets_BT, with_entropy);
  }
  if (model->logits_are_softcapped() && cuda::takes_elements(h_BTD)) {
    return cuda::softcapped_scores(model->raw_logits(h_BTD), model->config().logit_softcap, targets_BT,
                                   with_entropy);
  }
  const torch::Tensor logits_BTV = model->logits(h_BTD, ids_BT);
  return {token_nll(logits_BTV, targets_BT), with_entropy ? token_entropy(logits_BTV) : torch::Tensor()};
}

}  // namespace golf
