#include <torch/types.h>

#include "model/feature.h"
#include "model/ops.h"

namespace golf::features {
namespace {

class ExclusiveAttention : public Feature {
 public:
  explicit ExclusiveAttention(const FeatureParts& parts)
      : Feature(parts), first_(parts.config.num_layers - parts.settings.integer("last_n")) {}

  torch::Tensor attended(const AttentionInput& input, const torch::Tensor& y_BTHK) const override {
    return input.block < first_ ? y_BTHK : exclusive_attention(y_BTHK, input.v_BTGK);
  }

 private:
  int64_t first_;
};

}  // namespace

std::unique_ptr<Feature> make_exclusive_attention(const FeatureParts& parts) {
  return make_feature<ExclusiveAttention>(parts);
}

}  // namespace golf::features
