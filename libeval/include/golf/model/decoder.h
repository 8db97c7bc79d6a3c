#pragma once

#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>

#include <functional>
#include <memory>
#include <span>
#include <string>

#include "golf/artifact/spec/layer_plan.h"
#include "golf/artifact/spec/model_config.h"
#include "golf/model/adapter.h"

namespace golf {

/// Gives what stands in for a matrix while the model runs, such as its fake-quantized value. `name` is the
/// inventory's. What it returns has the weight's shape and carries the gradient.
using WeightHook = std::function<torch::Tensor(const std::string& name, const torch::Tensor& weight)>;
/// Sees what a matrix of that name gives: as a linear layer the input [.., in] and the output [.., out]; as a
/// table the rows [.., columns] that were looked up, the input undefined.
using ProductHook =
    std::function<void(const std::string& name, const torch::Tensor& x, const torch::Tensor& y)>;

/// Which part of a forward pass is wanted, and how far attention reaches.
struct ForwardRange {
  /// Hidden states of positions from here to a row's end. The last block computes nothing else but keys and
  /// values for those before. 0 with documents shorter than rows.
  int64_t first_position = 0;
  /// Each position attends to so many positions, itself the last, in every block; 0: to all before it. Then
  /// the rotary embedding is that of rows of this length, and no gradient is known.
  int64_t attention_window = 0;
};

/// The one decoder of the project: a causal transformer described entirely by its ModelConfig. The blocks run
/// in the order of the layer plan, and features act at the places that model/feature.h lists.
///
/// named_parameters() equals tensor_inventory(config) in names, shapes and order (with parameter banks the
/// order differs); all are float32. A new model has zero matrices: follow with init_parameters or
/// load_tensors. The loss is in loss.h. Shapes: B sequences, T positions, D model width, V vocabulary.
/// Forward passes may run side by side; changing the model meanwhile may not.
class DecoderImpl : public torch::nn::Module {
 public:
  /// @throws Error kInvalidArgument when the configuration is not valid
  explicit DecoderImpl(const ModelConfig& config);
  ~DecoderImpl() override;

  /// What the head reads: float32 [B, T, D], after the final norm; of `range`'s positions alone, if it names
  /// a first one. `ids_BT` int64, each in [0, V).
  /// @param cu_seqlens  bounds of documents in the B·T positions, counted row after row: ascending from 0 to
  ///        B·T. Attention stays inside a document; every row begins one. Positions are still counted from
  ///        the row's beginning. Empty: each row is one document.
  /// @param adapter  what adds to the projections of this pass; null: nothing
  /// @throws Error kInvalidArgument when the bounds do not ascend from 0 to B·T, or with a range that goes
  /// with neither bounds nor an adapter
  torch::Tensor hidden(const torch::Tensor& ids_BT, std::span<const int64_t> cu_seqlens = {},
                       const Adapter* adapter = nullptr, const ForwardRange& range = {});
  /// Logits [B, S, V] float32, after the softcap, from the hidden states [B, S, D] of the last S positions of
  /// the sequences `ids_BT` (all T, or only those that are scored).
  torch::Tensor logits(const torch::Tensor& h_BSD, const torch::Tensor& ids_BT,
                       const Adapter* adapter = nullptr);
  /// The head's product [B, T, V] before the softcap, in the compute dtype. For losses that fuse the softcap.
  torch::Tensor raw_logits(const torch::Tensor& h_BTD, const Adapter* adapter = nullptr);
  /// Whether logits are just softcap(raw_logits): false once a feature changes them.
  bool logits_are_softcapped() const;
  /// Whether the training loss reads softcap(raw_logits), whatever a feature makes of evaluated logits.
  bool trains_on_softcapped() const;

  /// Turns depth recurrence off, so that each block runs once, or on. It is on in a new model.
  void set_recurrence(bool on) { recurrence_ = on; }
  /// The calls of a forward pass.
  const LayerPlan& plan() const;

  const ModelConfig& config() const { return config_; }

  /// Matrix products and attention run in this type: kFloat (default) or kBFloat16. Norms, rotary embedding,
  /// the residual stream, softmax and loss stay float32, as under upstream's autocast.
  /// Source: docs/SUBMISSIONS.md, upstream reference, Model.
  void set_compute_dtype(torch::ScalarType dtype);
  torch::ScalarType compute_dtype() const { return compute_dtype_; }

  /// Passes every matrix (linear layers, embedding, head) through `hook` at each use; an empty hook removes
  /// it.
  void set_weight_hook(const WeightHook& hook);
  /// Shows `hook` what every matrix gives at each use; an empty hook ends it. Called by the thread of the
  /// forward pass.
  void set_product_hook(const ProductHook& hook);

 private:
  template <class Use>
  void for_each_matrix(const Use& use);

  ModelConfig config_;
  torch::ScalarType compute_dtype_ = torch::kFloat;
  bool recurrence_ = true;
  struct Parts;
  std::unique_ptr<Parts> parts_;
};
TORCH_MODULE(Decoder);

}  // namespace golf
