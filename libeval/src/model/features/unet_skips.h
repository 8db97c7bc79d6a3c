#pragma once

#include <torch/types.h>

#include "golf/artifact/spec/model_config.h"
#include "model/layer_state.h"

namespace golf {

/// U-Net wiring (spec §3.2): each layer of the first half pushes its output, each layer of the second half
/// first adds the output pushed last, with a learned weight per channel. With an odd number of layers the
/// last one finds the stack empty.
class UnetSkips {
 public:
  UnetSkips() = default;
  UnetSkips(const ModelConfig& config, torch::Tensor weights_SD);
  explicit operator bool() const { return weights_SD_.defined(); }

  torch::Tensor before(int64_t layer, const torch::Tensor& x_BTD, LayerState& state) const;
  void after(int64_t layer, const torch::Tensor& x_BTD, LayerState& state) const;

 private:
  int64_t encoder_layers_ = 0;
  torch::Tensor weights_SD_;  // row 0 belongs to the deepest encoder layer
};

}  // namespace golf
