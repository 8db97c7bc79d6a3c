// The arithmetic of the feature that made_up_feature_spec.cpp declares.
#include <torch/types.h>

#include "model/feature.h"

namespace golf::test {
namespace {

class ChannelBias : public Feature {
 public:
  explicit ChannelBias(const FeatureParts& parts)
      : Feature(parts),
        factor_(parts.settings.number("start")),
        bias_D_(parts.parameters.tensor("channel_bias")) {
    for (int64_t block = 0; block < parts.settings.integer("blocks"); ++block) {
      block_biases_.push_back(parts.parameters.matrix("block_bias." + std::to_string(block)));
    }
  }

  torch::Tensor after_norm(const torch::Tensor& x_BTD, const Pass&) const override {
    return x_BTD + factor_ * bias_D_;
  }
  torch::Tensor before_call(const LayerCall& call, const torch::Tensor& x_BTD, const Pass&) const override {
    const auto block = static_cast<size_t>(call.block);
    return block < block_biases_.size() ? x_BTD + block_biases_[block]->weight[0] : x_BTD;
  }

 private:
  double factor_;
  torch::Tensor bias_D_;
  std::vector<CastedLinear> block_biases_;
};

const bool kAdded = (add_feature_arithmetic("channel_bias", make_feature<ChannelBias>), true);

}  // namespace
}  // namespace golf::test
