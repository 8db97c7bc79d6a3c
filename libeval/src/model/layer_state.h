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
  std::vector<torch::Tensor> skip_stack;  ///< outputs of the encoder layers not yet used
};

}  // namespace golf
