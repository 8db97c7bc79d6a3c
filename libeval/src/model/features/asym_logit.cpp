#include <torch/types.h>

#include "model/feature.h"
#include "model/features/formulas.h"

namespace golf {

torch::Tensor asymmetric_softcap(const torch::Tensor& z, const torch::Tensor& cap_pos,
                                 const torch::Tensor& cap_neg) {
  const torch::Tensor cap = at::where(z.ge(0), cap_pos, cap_neg);
  return cap * at::tanh(z / cap);
}

namespace {

/// Softcaps of their own for both signs, where logits are evaluated. The training loss keeps the model's
/// logit_softcap: the programs of PRs 1945, 1953, 2014 and 2135 train neither scalar.
class AsymLogit : public Feature {
 public:
  explicit AsymLogit(const FeatureParts& parts)
      : Feature(parts),
        cap_pos_(parts.parameters.tensor("softcap_pos")),
        cap_neg_(parts.parameters.tensor("softcap_neg")) {}

  bool changes_logits() const override { return true; }
  bool trains_on_changed_logits() const override { return false; }
  torch::Tensor cap(const torch::Tensor& raw_BSV) const override {
    return asymmetric_softcap(raw_BSV.to(torch::kFloat), cap_pos_, cap_neg_);
  }

 private:
  torch::Tensor cap_pos_, cap_neg_;
};

}  // namespace

namespace features {
std::unique_ptr<Feature> make_asym_logit(const FeatureParts& parts) { return make_feature<AsymLogit>(parts); }
}  // namespace features

}  // namespace golf
