#include <fmt/format.h>
#include <torch/types.h>

#include "model/feature.h"

namespace golf::features {
namespace {

/// Each head's output is scaled by a gate of the block's normed input n:
///   sparse (PR 1855), dense (PR 1736)   y_h ← σ(scale · (W · n)_h) · y_h
///   output (PR 1667)                    y_h ← 2σ(scale · (W · n)_h) · y_h
/// W reads the leading `window` channels, or all. It acts after exclusive attention and before the output
/// matrix.
class AttentionGate : public Feature {
 public:
  explicit AttentionGate(const FeatureParts& parts)
      : Feature(parts),
        factor_(parts.settings.choice("variant") == "output" ? 2.0 : 1.0),
        scale_(parts.settings.number("scale")) {
    const char* name = factor_ == 2.0 ? "blocks.{}.attn.attn_gate_proj.weight" : "blocks.{}.attn.attn_gate_w";
    for (int64_t block = 0; block < parts.config.num_layers; ++block) {
      weights_.push_back(parts.parameters.tensor(fmt::format(fmt::runtime(name), block)));
    }
  }

  torch::Tensor head_gate(const AttentionInput& input) const override {
    const torch::Tensor& weight_HW = weights_[static_cast<size_t>(input.block)];
    const torch::Tensor read_BTW = input.x_BTD.narrow(-1, 0, weight_HW.size(1)).to(torch::kFloat);
    return at::sigmoid(at::linear(read_BTW, weight_HW) * scale_) * factor_;
  }

 private:
  double factor_, scale_;
  std::vector<torch::Tensor> weights_;  ///< of each block, [H, window]
};

}  // namespace

std::unique_ptr<Feature> make_attention_gate(const FeatureParts& parts) {
  return make_feature<AttentionGate>(parts);
}

}  // namespace golf::features
