#include "model/features/bigram_hash.h"

#include <torch/types.h>

namespace golf {

torch::Tensor bigram_slots(const torch::Tensor& ids_BT, int64_t buckets) {
  const int64_t length = ids_BT.size(1), last = buckets - 1;
  const torch::Tensor ids = ids_BT.to(torch::kInt);
  const torch::Tensor first = at::full({ids.size(0), 1}, last, ids.options());
  const torch::Tensor hashed =
      at::bitwise_xor(ids.narrow(1, 1, length - 1) * 36313, ids.narrow(1, 0, length - 1) * 27191);
  return at::cat({first, at::remainder(hashed, last)}, 1);
}

BigramHash::BigramHash(const ModelConfig& config, torch::nn::Module& owner)
    : buckets_(config.bigram_hash->buckets),
      at_every_layer_(config.bigram_hash->site == BigramSite::kEveryLayer) {
  const int64_t dim = config.bigram_hash->dim, d = config.model_dim;
  const auto table = std::make_shared<CastMatrixImpl>(buckets_, dim);
  const auto projection = dim == d ? nullptr : std::make_shared<CastMatrixImpl>(d, dim);
  if (at_every_layer_) {
    weights_ = owner.register_parameter("bigram_lambdas", torch::full({config.num_layers}, 0.05));
    embed_ = owner.register_module("bigram_embed", table);
    if (projection) proj_ = owner.register_module("bigram_proj", projection);
  } else {
    const auto bigram = owner.register_module("bigram", std::make_shared<torch::nn::Module>());
    weights_ = bigram->register_parameter("scale", torch::full({}, 0.05));
    embed_ = bigram->register_module("embed", table);
    if (projection) proj_ = bigram->register_module("proj", projection);
  }
}

torch::Tensor BigramHash::vectors(const torch::Tensor& ids_BT, torch::ScalarType compute_dtype) const {
  const torch::Tensor embedded = embed_->lookup(bigram_slots(ids_BT, buckets_));
  return proj_ ? proj_->project(embedded, compute_dtype).to(torch::kFloat) : embedded;
}

}  // namespace golf
