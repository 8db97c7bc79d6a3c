// B sequences, T positions, D model width, V vocabulary, S skip weights.
#include "golf/model/decoder.h"

#include <fmt/format.h>
#include <torch/types.h>

#include "golf/artifact/base/error.h"
#include "model/block.h"
#include "model/cast_matrix.h"
#include "model/features/unet_skips.h"
#include "model/layer_state.h"
#include "model/ops.h"

namespace golf {
namespace {

const ModelConfig& validated(const ModelConfig& config) {
  validate(config);
  // Features that the configuration can describe and artifacts can hold before the forward pass computes
  // them: leaving one out silently would give a wrong score.
  ModelConfig plain = config;
  plain.smear_gate.reset();
  plain.bigram_hash.reset();
  plain.value_embedding.reset();
  plain.exclusive_attention.reset();
  plain.rotary.reset();
  plain.markov_mix.reset();
  plain.layer_scale = false;
  plain.mlp_activation = MlpActivation::kRelu2;
  if (plain != config) {
    fail(ErrorCode::kUnsupported,
         "the model has features that this version packs and inspects but does not run");
  }
  return config;
}

}  // namespace

DecoderImpl::DecoderImpl(const ModelConfig& config)
    : config_(validated(config)),
      rotary_(std::make_unique<RotaryTable>(config.head_dim(), config.rope_base)) {
  // Own parameters, then children, in upstream's order: named_parameters() must equal tensor_inventory().
  if (config.unet_skips) {
    skips_ = std::make_unique<UnetSkips>(
        config, register_parameter("skip_weights", torch::ones({config.skip_count(), config.model_dim})));
  }
  tok_emb_ =
      register_module("tok_emb", std::make_shared<CastMatrixImpl>(config.vocab_size, config.model_dim));
  const auto list = register_module("blocks", std::make_shared<torch::nn::Module>());
  for (int64_t layer = 0; layer < config.num_layers; ++layer) {
    blocks_.push_back(list->register_module(std::to_string(layer), std::make_shared<BlockImpl>(config)));
  }
  if (!config.tie_embeddings) {
    lm_head_ =
        register_module("lm_head", std::make_shared<CastMatrixImpl>(config.vocab_size, config.model_dim));
  }
}

DecoderImpl::~DecoderImpl() = default;

torch::Tensor DecoderImpl::hidden(const torch::Tensor& ids_BT) {
  torch::Tensor x_BTD = rms_norm(tok_emb_->lookup(ids_BT));
  LayerState state{.x0_BTD = x_BTD,
                   .rotary = rotary_->angles(ids_BT.size(1), ids_BT.device()),
                   .compute_dtype = compute_dtype_,
                   .skip_stack = {}};
  for (int64_t layer = 0; layer < config_.num_layers; ++layer) {
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

torch::Tensor DecoderImpl::logits(const torch::Tensor& h_BTD, const torch::Tensor& /*ids_BT*/) {
  return softcap(head_scores(h_BTD), config_.logit_softcap);
}

void DecoderImpl::set_compute_dtype(torch::ScalarType dtype) {
  if (dtype != torch::kFloat && dtype != torch::kBFloat16) {
    fail(ErrorCode::kInvalidArgument,
         fmt::format("compute dtype {}: choose float32 or bfloat16", c10::toString(dtype)));
  }
  compute_dtype_ = dtype;
}

void DecoderImpl::set_weight_hook(const WeightHook& hook) {
  for (const auto& item : named_modules(/*name_prefix=*/{}, /*include_self=*/false)) {
    auto* matrix = item.value()->as<CastMatrixImpl>();
    if (matrix == nullptr) continue;
    if (hook) {
      matrix->weight_hook = [hook, name = item.key() + ".weight"](const torch::Tensor& weight) {
        return hook(name, weight);
      };
    } else {
      matrix->weight_hook = nullptr;
    }
  }
}

}  // namespace golf
