#pragma once

#include <torch/types.h>

#include <unordered_map>
#include <vector>

#include "model/rotary.h"

namespace golf {

class Feature;

/// What one forward pass shares besides the residual stream.
struct Pass {
  torch::Tensor ids_BT;
  torch::ScalarType compute_dtype = torch::kFloat;
  RotaryAngles rotary;
  std::vector<int64_t> cu_seqlens;  ///< bounds of documents, empty: every row is one
  torch::Tensor x0_BTD;             ///< the normed embedding that every block mixes back in
  std::unordered_map<const Feature*, torch::Tensor> prepared;  ///< what Feature::prepare gave
};

/// The residual stream: one lane, or two between the first and the last call that has two.
struct Stream {
  torch::Tensor lane0_BTD;
  torch::Tensor lane1_BTD = {};  ///< undefined while there is one lane

  bool has_two_lanes() const { return lane1_BTD.defined(); }
};

}  // namespace golf
