#pragma once

#include <torch/types.h>

#include <vector>

namespace golf {

/// The L2 norm over all elements of all tensors; a scalar tensor on their device, without waiting for it.
torch::Tensor global_norm(const std::vector<torch::Tensor>& tensors);

/// Scales the tensors in place by min(1, max_norm / (norm + 1e-6)), as torch's clip_grad_norm_ does. Spec §4.
void clip_to_norm(const std::vector<torch::Tensor>& tensors, const torch::Tensor& norm, double max_norm);

}  // namespace golf
