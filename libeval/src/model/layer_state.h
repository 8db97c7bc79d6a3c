#pragma once

#include <torch/types.h>

#include <vector>

#include "model/rotary.h"

namespace golf {

/// What the layers of one forward pass share besides the residual stream.
struct LayerState {
  torch::Tensor x0_BTD;  ///< the normed embedding that every block mixes back in
  RotaryAngles rotary;
  torch::ScalarType compute_dtype = torch::kFloat;
  torch::Tensor value_bias;               ///< added to this layer's attention values [B, T, G·K], if any
  std::vector<torch::Tensor> skip_stack;  ///< outputs of the encoder layers not yet used
};

}  // namespace golf
