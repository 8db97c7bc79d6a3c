// B sequences, T positions, D model width, S skip weights, V vocabulary.
#include "golf/model/decoder.h"

#include <fmt/format.h>
#include <torch/types.h>

#include <algorithm>

#include "golf/artifact/base/error.h"
#include "golf/artifact/spec/layer_plan.h"
#include "model/block.h"
#include "model/feature.h"
#include "model/ops.h"
#include "model/parameter_store.h"

namespace golf {
namespace {

RotaryTable::Settings rotary_settings(const ModelConfig& config, const FeatureList& features) {
  RotaryTable::Settings settings{.dims = config.head_dim(), .base = config.rope_base};
  for (const auto& feature : features) feature->configure(settings);
  return settings;
}

void check_range(const ForwardRange& range, int64_t length, bool has_others) {
  if (range.first_position < 0 || range.first_position >= length || range.attention_window < 0) {
    fail(ErrorCode::kInvalidArgument,
         fmt::format("positions from {} on with attention over {} of a row of {}", range.first_position,
                     range.attention_window, length));
  }
  if (has_others && (range.first_position > 0 || range.attention_window > 0)) {
    fail(ErrorCode::kInvalidArgument, "a part of a forward pass goes with neither documents nor an adapter");
  }
}

torch::Tensor merged(const Stream& stream, LaneMerge merge) {
  if (!stream.has_two_lanes()) return stream.lane0_BTD;
  switch (merge) {
    case LaneMerge::kAttention:
      return stream.lane0_BTD;
    case LaneMerge::kMlp:
      return stream.lane1_BTD;
    default:
      return (stream.lane0_BTD + stream.lane1_BTD) * 0.5;
  }
}

}  // namespace

/// Everything that a decoder is built of; its parameters are registered in the DecoderImpl.
struct DecoderImpl::Parts {
  Parts(const ModelConfig& config, ParameterStore& parameters)
      : features(make_features(config, parameters)),
        rotary(rotary_settings(config, features)),
        plans{layer_plan(config, /*recurrence=*/false), layer_plan(config)},
        tok_emb(parameters.matrix("tok_emb")) {
    if (config.unet_skips) skip_weights_SD = parameters.tensor("skip_weights");
    for (int64_t block = 0; block < config.num_layers; ++block) {
      blocks.emplace_back(config, block, features, parameters);
    }
    if (!config.tie_embeddings) lm_head = parameters.matrix("lm_head");
  }

  torch::Tensor embedded(Pass& pass) const {
    for (const auto& feature : features) {
      if (torch::Tensor kept = feature->prepare(pass); kept.defined()) pass.prepared[feature.get()] = kept;
    }
    torch::Tensor x_BTD = tok_emb->lookup(pass.ids_BT);
    for (const auto& feature : features) x_BTD = feature->embed(x_BTD, pass);
    for (const auto& feature : features) x_BTD = feature->before_norm(x_BTD, pass);
    x_BTD = rms_norm(x_BTD);
    for (const auto& feature : features) x_BTD = feature->after_norm(x_BTD, pass);
    return x_BTD;
  }

  torch::Tensor with_skip(const LayerCall& call, const torch::Tensor& x_BTD,
                          const torch::Tensor& skip_BTD) const {
    const torch::Tensor weight_D = skip_weights_SD[call.skip_row];
    for (const auto& feature : features) {
      torch::Tensor joined_BTD = feature->join_skip(call, x_BTD, skip_BTD, weight_D);
      if (joined_BTD.defined()) return joined_BTD;
    }
    return add_scaled(x_BTD, weight_D, skip_BTD);
  }

  FeatureList features;
  RotaryTable rotary;
  LayerPlan plans[2];             ///< without and with recurrence
  CastedLinear tok_emb, lm_head;  ///< no lm_head: the embedding is the head
  std::vector<Block> blocks;
  torch::Tensor skip_weights_SD;
};

DecoderImpl::DecoderImpl(const ModelConfig& config) : config_(config) {
  validate(config);
  ParameterStore parameters(config_);
  parts_ = std::make_unique<Parts>(config_, parameters);
  parameters.register_in(*this);
}

DecoderImpl::~DecoderImpl() = default;

const LayerPlan& DecoderImpl::plan() const { return parts_->plans[recurrence_ ? 1 : 0]; }

torch::Tensor DecoderImpl::hidden(const torch::Tensor& ids_BT, std::span<const int64_t> cu_seqlens,
                                  const Adapter* adapter, const ForwardRange& range) {
  check_range(range, ids_BT.size(1), !cu_seqlens.empty() || adapter != nullptr);
  Pass pass{.ids_BT = ids_BT,
            .compute_dtype = compute_dtype_,
            .rotary = parts_->rotary.angles(ids_BT.size(1), ids_BT.device(), range.attention_window),
            .attention_window = range.attention_window,
            .documents = make_documents(cu_seqlens, ids_BT.size(0), ids_BT.size(1), ids_BT.device()),
            .x0_BTD = {},
            .prepared = {},
            .adapter = adapter};
  pass.x0_BTD = parts_->embedded(pass);
  Stream stream{pass.x0_BTD};
  std::vector<torch::Tensor> skips;
  for (const LayerCall& call : plan().calls) {
    ++pass.call;
    if (&call == &plan().calls.back()) pass.first_position = range.first_position;
    if (call.layout == LaneLayout::kTwoLanes && !stream.has_two_lanes()) stream.lane1_BTD = stream.lane0_BTD;
    for (const auto& feature : parts_->features) {
      stream.lane0_BTD = feature->before_call(call, stream.lane0_BTD, pass);
    }
    if (call.pop >= 0) {
      stream.lane0_BTD = parts_->with_skip(call, stream.lane0_BTD, skips[static_cast<size_t>(call.pop)]);
      skips.resize(static_cast<size_t>(call.pop));
    }
    stream = parts_->blocks[static_cast<size_t>(call.block)].forward(stream, call.layout, pass);
    if (call.push >= 0) skips.push_back(stream.lane0_BTD);
  }
  return rms_norm(merged(stream, plan().merge));
}

torch::Tensor DecoderImpl::raw_logits(const torch::Tensor& h_BTD, const Adapter* adapter) {
  const CastedLinear& head = parts_->lm_head ? parts_->lm_head : parts_->tok_emb;
  const torch::Tensor raw_BTV = head->project(h_BTD, compute_dtype_);
  return adapter == nullptr ? raw_BTV : adapter->add(AdapterSite::kHead, -1, h_BTD, raw_BTV);
}

torch::Tensor DecoderImpl::logits(const torch::Tensor& h_BSD, const torch::Tensor& ids_BT,
                                  const Adapter* adapter) {
  const torch::Tensor raw_BSV = raw_logits(h_BSD, adapter);
  torch::Tensor logits_BSV;
  for (const auto& feature : parts_->features) {
    if (!logits_BSV.defined()) logits_BSV = feature->cap(raw_BSV);
  }
  if (!logits_BSV.defined()) logits_BSV = softcap(raw_BSV, config_.logit_softcap);
  for (const auto& feature : parts_->features) logits_BSV = feature->logits(logits_BSV, h_BSD, ids_BT);
  return logits_BSV;
}

bool DecoderImpl::logits_are_softcapped() const {
  return std::none_of(parts_->features.begin(), parts_->features.end(),
                      [](const auto& feature) { return feature->changes_logits(); });
}

bool DecoderImpl::trains_on_softcapped() const {
  return std::none_of(parts_->features.begin(), parts_->features.end(),
                      [](const auto& feature) { return feature->trains_on_changed_logits(); });
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
    if (auto* matrix = item.value()->as<CastedLinearImpl>()) use(item.key() + ".weight", *matrix);
  }
}

void DecoderImpl::set_weight_hook(const WeightHook& hook) {
  for_each_matrix([&](const std::string& name, CastedLinearImpl& matrix) {
    matrix.weight_hook = nullptr;
    if (hook) matrix.weight_hook = [hook, name](const torch::Tensor& weight) { return hook(name, weight); };
  });
}

void DecoderImpl::set_product_hook(const ProductHook& hook) {
  for_each_matrix([&](const std::string& name, CastedLinearImpl& matrix) {
    matrix.product_hook = nullptr;
    if (hook) {
      matrix.product_hook = [hook, name](const torch::Tensor& x, const torch::Tensor& y) {
        hook(name, x, y);
      };
    }
  });
}

}  // namespace golf
