#include <torch/types.h>

#include "model/feature.h"
#include "model/ops.h"

namespace golf::features {
namespace {

/// With s = weight ⊙ skip and g = σ(gate) per channel: x ← s + g ⊙ (x − s) (PRs 1394, 1493, 1855). At the
/// gate's first value 0 this is the mean of skip and stream.
class GatedSkips : public Feature {
 public:
  explicit GatedSkips(const FeatureParts& parts)
      : Feature(parts), gates_SD_(parts.parameters.tensor("skip_gates")) {}

  torch::Tensor join_skip(const LayerCall& call, const torch::Tensor& x_BTD, const torch::Tensor& skip_BTD,
                          const torch::Tensor& weight_D) const override {
    const torch::Tensor g_D = at::sigmoid(gates_SD_[call.skip_row]);
    return mix(x_BTD, skip_BTD, at::stack({g_D, (1 - g_D) * weight_D}));
  }

 private:
  torch::Tensor gates_SD_;
};

}  // namespace

std::unique_ptr<Feature> make_gated_skips(const FeatureParts& parts) {
  return make_feature<GatedSkips>(parts);
}

}  // namespace golf::features
