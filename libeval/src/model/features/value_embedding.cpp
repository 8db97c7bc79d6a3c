#include <torch/types.h>

#include <algorithm>

#include "model/feature.h"

namespace golf::features {
namespace {

/// A second embedding of each token, shared by a few blocks, that they add to their attention values (PR
/// 993): layer_scale · scale · (table row, projected to the values' width when it is narrower).
class ValueEmbedding : public Feature {
 public:
  explicit ValueEmbedding(const FeatureParts& parts)
      : Feature(parts),
        layers_(parts.settings.integers("layers")),
        scale_(parts.parameters.tensor("ve_shared.scale")),
        embed_(parts.parameters.matrix("ve_shared.embed")) {
    if (parts.parameters.has("ve_shared.proj.weight")) proj_ = parts.parameters.matrix("ve_shared.proj");
    for (size_t i = 0; i < layers_.size(); ++i) {
      layer_scales_.push_back(parts.parameters.tensor("ve_layer_scales." + std::to_string(i)));
    }
  }

  torch::Tensor prepare(const Pass& pass) const override {
    const torch::Tensor embedded = embed_->lookup(pass.ids_BT);
    return scale_ * (proj_ ? proj_->project(embedded, pass.compute_dtype).to(torch::kFloat) : embedded);
  }
  torch::Tensor values(int64_t block, const torch::Tensor& v_BTC, const Pass& pass) const override {
    const auto found = std::find(layers_.begin(), layers_.end(), block);
    if (found == layers_.end()) return v_BTC;
    const torch::Tensor& layer_scale = layer_scales_[static_cast<size_t>(found - layers_.begin())];
    return v_BTC + (layer_scale * pass.prepared.at(this)).to(v_BTC.scalar_type());
  }

 private:
  std::vector<int64_t> layers_;
  torch::Tensor scale_;
  CastedLinear embed_, proj_;                ///< no proj_ when embed_ is as wide as the values
  std::vector<torch::Tensor> layer_scales_;  ///< one [1] each
};

}  // namespace

std::unique_ptr<Feature> make_value_embedding(const FeatureParts& parts) {
  return make_feature<ValueEmbedding>(parts);
}

}  // namespace golf::features
