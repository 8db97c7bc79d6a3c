#include <torch/types.h>

#include "model/feature.h"

namespace golf::features {
namespace {

/// x moved one position on: zeros at the first, the last left out.
torch::Tensor predecessors(const torch::Tensor& x_BTD) {
  return at::constant_pad_nd(x_BTD.narrow(1, 0, x_BTD.size(1) - 1), {0, 0, 1, 0});
}

/// Mixes into every position the one before it, as it was before the mixing. Nothing stands before the first
/// position of a sequence; a document's border inside one is a border only with `bos_id`.
///
///   per channel (PRs 262, 993), on the normed embedding: (1 − g) ⊙ x_t + g ⊙ x_{t−1}, g = σ(gate) [D]
///   per token (PRs 192, 1855), before the norm:          x_t + λ · σ(w · x_t) · x_{t−1}, where w may read
///   the
///                                                        leading `window` channels alone
class SmearGate : public Feature {
 public:
  explicit SmearGate(const FeatureParts& parts)
      : Feature(parts), bos_id_(parts.settings.optional_integer("bos_id")) {
    if (parts.settings.choice("variant") == "per_token") {
      lambda_ = parts.parameters.tensor("smear_lambda");
      weight_ = parts.parameters.matrix("smear_gate");
    } else {
      gate_D_ = parts.parameters.tensor("smear.gate");
    }
  }

  torch::Tensor before_norm(const torch::Tensor& x_BTD, const Pass& pass) const override {
    if (!weight_) return x_BTD;
    const torch::Tensor read_BTW = x_BTD.narrow(-1, 0, weight_->weight.size(1));
    const torch::Tensor opening_BT1 =
        at::sigmoid(weight_->project(read_BTW, pass.compute_dtype).to(torch::kFloat));
    return x_BTD + lambda_ * opening_BT1 * neighbors(x_BTD, pass);
  }
  torch::Tensor after_norm(const torch::Tensor& x_BTD, const Pass& pass) const override {
    if (weight_) return x_BTD;
    const torch::Tensor gate_D = at::sigmoid(gate_D_);
    return (1 - gate_D) * x_BTD + gate_D * neighbors(x_BTD, pass);
  }

 private:
  torch::Tensor neighbors(const torch::Tensor& x_BTD, const Pass& pass) const {
    const torch::Tensor before_BTD = predecessors(x_BTD);
    if (!bos_id_) return before_BTD;
    return before_BTD * pass.ids_BT.ne(*bos_id_).unsqueeze(-1).to(before_BTD.scalar_type());
  }

  std::optional<int64_t> bos_id_;
  torch::Tensor gate_D_;  ///< per channel
  torch::Tensor lambda_;  ///< per token, [1]
  CastedLinear weight_;   ///< per token, [1, window]
};

}  // namespace

std::unique_ptr<Feature> make_smear_gate(const FeatureParts& parts) { return make_feature<SmearGate>(parts); }

}  // namespace golf::features
