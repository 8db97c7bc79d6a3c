#include <torch/types.h>

#include "model/feature.h"
#include "model/ops.h"

namespace golf::features {
namespace {

/// Two lanes (PR 1855): with attention's output A and the MLP's M, r = parallel_resid_lambdas[block] and
/// P = parallel_post_lambdas[block] (first index: A or M, second: the lane)
///   lane0 ← r[0]·lane0 + P[0,0]·A + P[1,0]·M
///   lane1 ← r[1]·lane1 + P[0,1]·A + P[1,1]·M
/// Parallel blocks on one lane (PR 1493) have no parameters and are the block's own arithmetic.
class ParallelResidual : public Feature {
 public:
  explicit ParallelResidual(const FeatureParts& parts) : Feature(parts) {
    if (!parts.parameters.has("parallel_post_lambdas")) return;
    post_L22_ = parts.parameters.tensor("parallel_post_lambdas");
    resid_L2_ = parts.parameters.tensor("parallel_resid_lambdas");
  }

  Stream write_lanes(int64_t block, const Stream& stream, const ScaledOutput& attention,
                     const ScaledOutput& mlp) const override {
    if (!post_L22_.defined()) return stream;
    const LanePair lanes =
        golf::write_lanes({stream.lane0_BTD, stream.lane1_BTD, attention.y_BTD, attention.scale_D, mlp.y_BTD,
                           mlp.scale_D, post_L22_[block], resid_L2_[block]});
    return {lanes.lane0_BTD, lanes.lane1_BTD};
  }

 private:
  torch::Tensor post_L22_, resid_L2_;
};

}  // namespace

std::unique_ptr<Feature> make_parallel_residual(const FeatureParts& parts) {
  return make_feature<ParallelResidual>(parts);
}

}  // namespace golf::features
