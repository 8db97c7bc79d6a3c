#include <torch/types.h>

#include "model/feature.h"
#include "model/features/formulas.h"

namespace golf {

torch::Tensor exclusive_self_attention(const torch::Tensor& y_BTHK, const torch::Tensor& v_BTGK) {
  const int64_t B = v_BTGK.size(0), T = v_BTGK.size(1), groups = v_BTGK.size(2), K = v_BTGK.size(3);
  const torch::Tensor y_BTGrK = y_BTHK.reshape({B, T, groups, -1, K});
  const torch::Tensor norm_BTG1 =
      at::clamp_min(at::linalg_vector_norm(v_BTGK, 2, {-1}, /*keepdim=*/true), 1e-12);
  const torch::Tensor unit_BTG1K = (v_BTGK / norm_BTG1).unsqueeze(3);
  const torch::Tensor along_BTGr1 = (y_BTGrK * unit_BTG1K).sum(-1, /*keepdim=*/true);
  return (y_BTGrK - along_BTGr1 * unit_BTG1K).reshape(y_BTHK.sizes());
}

namespace {

class ExclusiveAttention : public Feature {
 public:
  explicit ExclusiveAttention(const FeatureParts& parts)
      : Feature(parts), first_(parts.config.num_layers - parts.settings.integer("last_n")) {}

  torch::Tensor attended(const AttentionInput& input, const torch::Tensor& y_BTHK) const override {
    return input.block < first_ ? y_BTHK : exclusive_self_attention(y_BTHK, input.v_BTGK);
  }

 private:
  int64_t first_;
};

}  // namespace

namespace features {
std::unique_ptr<Feature> make_exclusive_attention(const FeatureParts& parts) {
  return make_feature<ExclusiveAttention>(parts);
}
}  // namespace features

}  // namespace golf
