#pragma once

#include <torch/types.h>

#include <memory>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "golf/artifact/spec/feature_set.h"
#include "golf/artifact/spec/layer_plan.h"
#include "golf/artifact/spec/model_config.h"
#include "golf/model/adapter.h"
#include "model/documents.h"
#include "model/parameter_store.h"
#include "model/rotary.h"

// Shapes: B sequences, T positions, D model width, H query heads, G key/value heads, K head dimension,
// V vocabulary.

namespace golf {

class Feature;

/// What one forward pass shares besides the residual stream.
struct Pass {
  torch::Tensor ids_BT;
  torch::ScalarType compute_dtype = torch::kFloat;
  RotaryAngles rotary;
  int64_t first_position = 0;    ///< nothing before it is asked of the call that runs now
  int64_t attention_window = 0;  ///< positions that each attends to, itself the last; 0: all before it
  Documents documents;
  torch::Tensor x0_BTD;  ///< the normed embedding that every block mixes back in
  std::unordered_map<const Feature*, torch::Tensor> prepared;  ///< what Feature::prepare gave
  const Adapter* adapter = nullptr;                            ///< null: nothing is added
  int64_t call = -1;                                           ///< of the layer plan, that runs now

  /// What the call that runs now keeps of a row, [B, T, ..] → [B, S, ..].
  torch::Tensor kept(const torch::Tensor& x_BT) const {
    return first_position == 0 ? x_BT : x_BT.slice(1, first_position);
  }

  torch::Tensor adapted(AdapterSite site, const torch::Tensor& x_BTD, const torch::Tensor& y_BTC) const {
    return adapter == nullptr ? y_BTC : adapter->add(site, call, x_BTD, y_BTC);
  }
};

/// The residual stream: one lane, or two between the first and the last call that has two.
struct Stream {
  torch::Tensor lane0_BTD;
  torch::Tensor lane1_BTD = {};  ///< undefined while there is one lane

  bool has_two_lanes() const { return lane1_BTD.defined(); }
};

/// What attention or the MLP gives, and its scale per channel, which is yet to be applied.
struct ScaledOutput {
  torch::Tensor y_BTD, scale_D;
};

/// What a feature is built from.
struct FeatureParts {
  const ModelConfig& config;
  const FeatureSettings& settings;
  ParameterStore& parameters;
};

/// What attention of one block reads and has read, at the positions that the call keeps.
struct AttentionInput {
  int64_t block;
  const torch::Tensor& x_BTD;  ///< the block's normed and scaled input
  const torch::Tensor& v_BTGK;
};

/// The arithmetic of an optional part of the model: one source in model/features, named like the source that
/// declares it in libartifact, spec/features. The decoder calls every method at its place; a feature
/// overrides those where it does something. A method that returns an undefined tensor leaves the place to the
/// next feature or to the transformer's own rule. Methods may run in several threads at once.
class Feature {
 public:
  explicit Feature(const FeatureParts&) {}
  virtual ~Feature() = default;
  Feature(const Feature&) = delete;
  Feature& operator=(const Feature&) = delete;

  /// When the model is built: changes how positions are embedded.
  virtual void configure(RotaryTable::Settings&) const {}
  /// Once a pass, before everything: a tensor that the pass keeps (Pass::prepared).
  virtual torch::Tensor prepare(const Pass&) const { return {}; }

  /// Adds to the embedding.
  virtual torch::Tensor embed(const torch::Tensor& x_BTD, const Pass&) const { return x_BTD; }
  /// Changes the embedding before, and after, the first norm.
  virtual torch::Tensor before_norm(const torch::Tensor& x_BTD, const Pass&) const { return x_BTD; }
  virtual torch::Tensor after_norm(const torch::Tensor& x_BTD, const Pass&) const { return x_BTD; }

  /// Changes the stream before a call, and before its skip is added.
  virtual torch::Tensor before_call(const LayerCall&, const torch::Tensor& x_BTD, const Pass&) const {
    return x_BTD;
  }
  /// Joins the stream and a skip, given the weights that the skip has per channel.
  virtual torch::Tensor join_skip(const LayerCall&, const torch::Tensor& /*x_BTD*/,
                                  const torch::Tensor& /*skip_BTD*/,
                                  const torch::Tensor& /*weight_D*/) const {
    return {};
  }
  /// Writes attention's and the MLP's outputs, times their scales, to two lanes.
  virtual Stream write_lanes(int64_t /*block*/, const Stream& stream, const ScaledOutput& /*attention*/,
                             const ScaledOutput& /*mlp*/) const {
    return stream;
  }

  /// Changes the values of a block's attention [B, T, G·K].
  virtual torch::Tensor values(int64_t /*block*/, const torch::Tensor& v_BTC, const Pass&) const {
    return v_BTC;
  }
  /// Changes what attention gives, first of all.
  virtual torch::Tensor attended(const AttentionInput&, const torch::Tensor& y_BTHK) const { return y_BTHK; }
  /// Then: whether the block's attention excludes each position's own value (exclusive_attention), and what
  /// multiplies each head [B, T, H] before the output projection. Told and not done here, so that a GPU does
  /// both in one pass.
  virtual bool excludes_own_value(int64_t /*block*/) const { return false; }
  virtual torch::Tensor head_gate(const AttentionInput&) const { return {}; }

  /// Whether logits are more than the softcapped head; the other methods on logits are called only then.
  virtual bool changes_logits() const { return false; }
  /// Whether the training loss reads the changed logits too.
  virtual bool trains_on_changed_logits() const { return changes_logits(); }
  /// Logits of the raw logits, in place of the softcap.
  virtual torch::Tensor cap(const torch::Tensor& /*raw_BSV*/) const { return {}; }
  /// Changes the logits of the last S positions of the sequences ids [B, T], given their hidden states.
  virtual torch::Tensor logits(const torch::Tensor& logits_BSV, const torch::Tensor& /*h_BSD*/,
                               const torch::Tensor& /*ids_BT*/) const {
    return logits_BSV;
  }
};

using FeatureList = std::vector<std::unique_ptr<Feature>>;
using FeatureMaker = std::unique_ptr<Feature> (*)(const FeatureParts&);

/// The arithmetic of every feature that the configuration turns on, in the order of their declarations. A
/// feature without arithmetic of its own (it changes the layer plan alone) has none.
FeatureList make_features(const ModelConfig& config, ParameterStore& parameters);
/// Adds the arithmetic of a feature that declare_feature added. Not for concurrent use.
void add_feature_arithmetic(std::string_view name, FeatureMaker make);

template <class T>
std::unique_ptr<Feature> make_feature(const FeatureParts& parts) {
  return std::make_unique<T>(parts);
}

}  // namespace golf
