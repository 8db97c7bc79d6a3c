#include <torch/types.h>

#include "model/feature.h"
#include "model/features/formulas.h"

namespace golf {

torch::Tensor bigram_slots(const torch::Tensor& ids_BT, int64_t buckets) {
  const int64_t length = ids_BT.size(1), last = buckets - 1;
  const torch::Tensor ids = ids_BT.to(torch::kInt);
  const torch::Tensor first = at::full({ids.size(0), 1}, last, ids.options());
  const torch::Tensor hashed =
      at::bitwise_xor(ids.narrow(1, 1, length - 1) * 36313, ids.narrow(1, 0, length - 1) * 27191);
  return at::cat({first, at::remainder(hashed, last)}, 1);
}

namespace {

/// A vector for each hashed pair of neighboring tokens, projected to the model's width when it is narrower,
/// times a weight: one at the input (PRs 262, 993), or one for each block (PR 192). Sequences are windows: a
/// document's border inside one is no border here.
class BigramHash : public Feature {
 public:
  explicit BigramHash(const FeatureParts& parts)
      : Feature(parts),
        buckets_(parts.settings.integer("buckets")),
        in_layers_(parts.settings.choice("site") == "every_layer") {
    const std::string name = in_layers_ ? "bigram_" : "bigram.";
    weights_ = parts.parameters.tensor(in_layers_ ? "bigram_lambdas" : "bigram.scale");
    embed_ = parts.parameters.matrix(name + "embed");
    if (parts.parameters.has(name + "proj.weight")) proj_ = parts.parameters.matrix(name + "proj");
  }

  torch::Tensor prepare(const Pass& pass) const override {
    const torch::Tensor embedded = embed_->lookup(bigram_slots(pass.ids_BT, buckets_));
    return proj_ ? proj_->project(embedded, pass.compute_dtype).to(torch::kFloat) : embedded;
  }
  torch::Tensor embed(const torch::Tensor& x_BTD, const Pass& pass) const override {
    return in_layers_ ? x_BTD : x_BTD + weights_ * pass.prepared.at(this);
  }
  torch::Tensor before_call(const LayerCall& call, const torch::Tensor& x_BTD,
                            const Pass& pass) const override {
    return in_layers_ ? x_BTD + weights_[call.block] * pass.prepared.at(this) : x_BTD;
  }

 private:
  int64_t buckets_;
  bool in_layers_;
  torch::Tensor weights_;
  CastedLinear embed_, proj_;  ///< no proj_ when embed_ is as wide as the model
};

}  // namespace

namespace features {
std::unique_ptr<Feature> make_bigram_hash(const FeatureParts& parts) {
  return make_feature<BigramHash>(parts);
}
}  // namespace features

}  // namespace golf
