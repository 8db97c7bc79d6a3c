#include "model/features/value_embedding.h"

#include <torch/types.h>

#include <algorithm>

namespace golf {

ValueEmbedding::ValueEmbedding(const ModelConfig& config, torch::nn::Module& owner)
    : layers_(config.value_embedding->layers) {
  const int64_t dim = config.value_embedding->dim, kv = config.kv_dim();
  const auto shared = owner.register_module("ve_shared", std::make_shared<torch::nn::Module>());
  scale_ = shared->register_parameter("scale", torch::full({}, 0.1));
  embed_ = shared->register_module("embed", std::make_shared<CastMatrixImpl>(config.vocab_size, dim));
  if (dim != kv) proj_ = shared->register_module("proj", std::make_shared<CastMatrixImpl>(kv, dim));
  const auto scales = owner.register_module("ve_layer_scales", std::make_shared<torch::nn::Module>());
  for (size_t i = 0; i < layers_.size(); ++i) {
    layer_scales_.push_back(scales->register_parameter(std::to_string(i), torch::ones({1})));
  }
}

torch::Tensor ValueEmbedding::shared(const torch::Tensor& ids_BT, torch::ScalarType compute_dtype) const {
  const torch::Tensor embedded = embed_->lookup(ids_BT);
  return scale_ * (proj_ ? proj_->project(embedded, compute_dtype).to(torch::kFloat) : embedded);
}

torch::Tensor ValueEmbedding::for_layer(int64_t layer, const torch::Tensor& shared) const {
  const auto found = std::find(layers_.begin(), layers_.end(), layer);
  return found == layers_.end() ? torch::Tensor() : layer_scales_[found - layers_.begin()] * shared;
}

}  // namespace golf
