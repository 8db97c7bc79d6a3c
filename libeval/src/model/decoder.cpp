// B sequences, T positions, D model width, V vocabulary, S skip weights.
#include "golf/model/decoder.h"

#include <fmt/format.h>
#include <torch/types.h>

#include "golf/artifact/base/error.h"
#include "model/block.h"
#include "model/cast_matrix.h"
#include "model/features/bigram_hash.h"
#include "model/features/markov_mix.h"
#include "model/features/smear_gate.h"
#include "model/features/unet_skips.h"
#include "model/features/value_embedding.h"
#include "model/layer_state.h"
#include "model/ops.h"

namespace golf {
namespace {

const ModelConfig& validated(const ModelConfig& config) {
  validate(config);
  return config;
}

}  // namespace

DecoderImpl::DecoderImpl(const ModelConfig& config)
    : config_(validated(config)),
      rotary_(
          std::make_unique<RotaryTable>(config.rotary_dims(), config.rope_base,
                                        config.rotary ? config.rotary->ntk_reference_length : std::nullopt)) {
  // torch lists own parameters, then children in the order of registration: that of the entry's state dict,
  // so that named_parameters() equals tensor_inventory() (but for TensorOrder::kByBank).
  std::shared_ptr<torch::nn::Module> gpt;
  if (config.markov_mix) gpt = register_module("gpt", std::make_shared<torch::nn::Module>());
  torch::nn::Module& trunk = gpt ? *gpt : *this;
  const bool smear_last = config.smear_gate && config.smear_gate->variant == SmearVariant::kPerToken;
  const bool bigram_last = config.bigram_hash && config.bigram_hash->site == BigramSite::kEveryLayer;

  if (config.unet_skips) {
    skips_ = std::make_unique<UnetSkips>(
        config,
        trunk.register_parameter("skip_weights", torch::ones({config.skip_count(), config.model_dim})));
  }
  const auto vocabulary_matrix = [&](const char* name) {
    return trunk.register_module(name, std::make_shared<CastMatrixImpl>(config.vocab_size, config.model_dim));
  };
  tok_emb_ = vocabulary_matrix("tok_emb");
  if (config.bigram_hash && !bigram_last) bigram_ = std::make_unique<BigramHash>(config, trunk);
  if (config.smear_gate && !smear_last) smear_ = std::make_unique<SmearGate>(config, trunk);
  const auto list = trunk.register_module("blocks", std::make_shared<torch::nn::Module>());
  for (int64_t layer = 0; layer < config.num_layers; ++layer) {
    blocks_.push_back(
        list->register_module(std::to_string(layer), std::make_shared<BlockImpl>(config, layer)));
  }
  if (config.value_embedding) values_ = std::make_unique<ValueEmbedding>(config, trunk);
  if (!config.tie_embeddings) lm_head_ = vocabulary_matrix("lm_head");
  if (smear_last) smear_ = std::make_unique<SmearGate>(config, trunk);
  if (bigram_last) bigram_ = std::make_unique<BigramHash>(config, trunk);
  if (config.markov_mix) markov_ = std::make_unique<MarkovMix>(config, *this);
}

DecoderImpl::~DecoderImpl() = default;

torch::Tensor DecoderImpl::hidden(const torch::Tensor& ids_BT) {
  torch::Tensor x_BTD = tok_emb_->lookup(ids_BT);
  torch::Tensor bigram_BTD;
  if (bigram_) bigram_BTD = bigram_->vectors(ids_BT, compute_dtype_);
  if (bigram_ && !bigram_->at_every_layer()) x_BTD = x_BTD + bigram_->weights() * bigram_BTD;
  if (smear_ && smear_->before_norm()) x_BTD = smear_->smear(x_BTD, compute_dtype_);
  x_BTD = rms_norm(x_BTD);
  if (smear_ && !smear_->before_norm()) x_BTD = smear_->smear(x_BTD, compute_dtype_);
  torch::Tensor shared_values;
  if (values_) shared_values = values_->shared(ids_BT, compute_dtype_);

  LayerState state{.x0_BTD = x_BTD,
                   .rotary = rotary_->angles(ids_BT.size(1), ids_BT.device()),
                   .compute_dtype = compute_dtype_,
                   .value_bias = {},
                   .skip_stack = {}};
  for (int64_t layer = 0; layer < config_.num_layers; ++layer) {
    if (bigram_ && bigram_->at_every_layer()) x_BTD = x_BTD + bigram_->weights()[layer] * bigram_BTD;
    if (values_) state.value_bias = values_->for_layer(layer, shared_values);
    if (skips_) x_BTD = skips_->before(layer, x_BTD, state);
    x_BTD = blocks_[layer]->forward(x_BTD, state);
    if (skips_) skips_->after(layer, x_BTD, state);
  }
  return rms_norm(x_BTD);
}

torch::Tensor DecoderImpl::head_scores(const torch::Tensor& h_BTD) {
  const CastMatrixImpl& head = lm_head_ ? *lm_head_ : *tok_emb_;
  return head.project(h_BTD, compute_dtype_);
}

torch::Tensor DecoderImpl::logits(const torch::Tensor& h_BSD, const torch::Tensor& ids_BT) {
  const torch::Tensor logits_BSV = softcap(head_scores(h_BSD), config_.logit_softcap);
  return markov_ ? markov_->mix(logits_BSV, h_BSD, ids_BT) : logits_BSV;
}

void DecoderImpl::set_compute_dtype(torch::ScalarType dtype) {
  if (dtype != torch::kFloat && dtype != torch::kBFloat16) {
    fail(ErrorCode::kInvalidArgument,
         fmt::format("compute dtype {}: choose float32 or bfloat16", c10::toString(dtype)));
  }
  compute_dtype_ = dtype;
}

template <class Use>
void DecoderImpl::for_each_matrix(const Use& use) {
  for (const auto& item : named_modules(/*name_prefix=*/{}, /*include_self=*/false)) {
    if (auto* matrix = item.value()->as<CastMatrixImpl>()) use(item.key() + ".weight", *matrix);
  }
}

void DecoderImpl::set_weight_hook(const WeightHook& hook) {
  for_each_matrix([&](const std::string& name, CastMatrixImpl& matrix) {
    matrix.weight_hook = nullptr;
    if (hook) matrix.weight_hook = [hook, name](const torch::Tensor& weight) { return hook(name, weight); };
  });
}

void DecoderImpl::set_product_hook(const ProductHook& hook) {
  for_each_matrix([&](const std::string& name, CastMatrixImpl& matrix) {
    matrix.product_hook = nullptr;
    if (hook) {
      matrix.product_hook = [hook, name](const torch::Tensor& x, const torch::Tensor& y) {
        hook(name, x, y);
      };
    }
  });
}

}  // namespace golf
